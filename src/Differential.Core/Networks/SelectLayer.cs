using Differential.Core.Numerics;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Networks;

/// <summary>Each output is one of the inputs, or a constant: transposition, padding, slices, repetition.</summary>
internal sealed class SelectLayer : ImportedLayer
{
    private readonly int[] _source;
    private readonly float _fill;

    /// <param name="place">The layer's place.</param>
    /// <param name="input">Shape of one sample that comes in.</param>
    /// <param name="output">Shape of one sample that goes out.</param>
    /// <param name="source">For each output the input's element; −1 for the constant.</param>
    /// <param name="fill">The constant.</param>
    internal SelectLayer(LayerPlace place, Shape input, Shape output, int[] source, float fill)
        : base(place, input, output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(source.Length, output.Length, nameof(source));
        (_source, _fill) = (source, fill);
    }

    internal override BoundLayer CreateBound(BoundValues values) => new Bound(Input.Length, _source, _fill);

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network.Device);

    /// <summary>The outputs that take each input, one list behind the other, and where each list starts.</summary>
    private (int[] Starts, int[] Members) Takers()
    {
        var starts = new int[Input.Length + 1];
        foreach (int source in _source.Where(static source => source >= 0))
        {
            starts[source + 1]++;
        }

        for (int i = 0; i < Input.Length; i++)
        {
            starts[i + 1] += starts[i];
        }

        var members = new int[Math.Max(1, starts[^1])];
        int[] next = [.. starts];
        for (int output = 0; output < _source.Length; output++)
        {
            if (_source[output] >= 0)
            {
                members[next[_source[output]]++] = output;
            }
        }

        return (starts, members);
    }

    private sealed class Planned : PlannedLayer
    {
        private readonly OwnedResources _owned = new();
        private readonly SelectLayer _layer;
        private readonly ElementGather _gather;
        private readonly Tensor<int> _source;
        private readonly Tensor<int> _starts;
        private readonly Tensor<int> _members;

        public Planned(SelectLayer layer, ComputeDevice device)
        {
            _layer = layer;
            try
            {
                (int[] starts, int[] members) = layer.Takers();
                _gather = _owned.Add(ElementGather.Create(device));
                _source = Tensor(layer._source);
                _starts = Tensor(starts);
                _members = Tensor(members);
            }
            catch
            {
                _owned.Dispose();
                throw;
            }

            Tensor<int> Tensor(int[] values)
            {
                Tensor<int> tensor = _owned.Add(device.Allocate<int>(new Shape(values.Length)));
                tensor.Write(values);
                return tensor;
            }
        }

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) =>
            _gather.Gather(x[0], _layer.Input.Length, _source, _layer._fill, y, _layer.Output.Length, count);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _gather.Sum(dy, _layer.Output.Length, _starts, _members, dx, _layer.Input.Length, count);

        protected override void Dispose(bool disposing) => _owned.Dispose();
    }

    private sealed class Bound(int inputs, int[] source, float fill) : AffineBoundLayer(inputs, source.Length)
    {
        private readonly int _most = Math.Max(1, source.Where(static i => i >= 0).GroupBy(static i => i).Select(static takers => takers.Count()).DefaultIfEmpty(1).Max());

        public override (double L2, double Linf)? Stretch => (Math.Sqrt(_most) * (1 + (4 * SumRounding.DoubleUnit)), 1);

        public override bool IsListed => _most > 1;

        public override SumRounding Rounding => new(1, 1, Outputs);

        public override (double Row, double Column) AbsoluteSums() => (1, _most);

        public override double Backward(double[] y, double[] x)
        {
            Array.Clear(x);
            double constant = 0;
            for (int o = 0; o < Outputs; o++)
            {
                if (source[o] >= 0)
                {
                    x[source[o]] += y[o];
                }
                else
                {
                    constant += fill * y[o];
                }
            }

            return constant;
        }

        protected override void Sums(double[] x, double[] radius, double[] y, double[] spread, double[] magnitude, double[]? partials)
        {
            for (int o = 0; o < Outputs; o++)
            {
                y[o] = source[o] >= 0 ? x[source[o]] : fill;
                spread[o] = source[o] >= 0 ? radius[source[o]] : 0;
                magnitude[o] = Math.Abs(y[o]);
            }
        }
    }
}
