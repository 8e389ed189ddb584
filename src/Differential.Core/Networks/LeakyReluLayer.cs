using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Differential.Core.Numerics;
using Differential.Core.Onnx;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

[Description("x where x is above 0, else slope · x.")]
public sealed record LeakyReluOptions : LayerOptions
{
    [Description("Factor of negative values.")]
    [Range(0.0, 1.0)]
    public double Slope { get; init; } = 0.01;

    internal override Layer Create(LayerPlace place, Shape input) => new LeakyReluLayer(place, input, Slope);
}

/// <summary>x where x is above 0, else slope · x.</summary>
internal sealed class LeakyReluLayer : Layer
{
    internal LeakyReluLayer(LayerPlace place, Shape input, double slope)
        : base(place, input, input) =>
        Slope = slope is >= 0 and <= 1 ? (float)slope : throw new ArchitectureException(place, $"slope is {slope}", "0 to 1");

    /// <summary>Factor of negative values.</summary>
    public float Slope { get; }

    internal override BoundLayer CreateBound(BoundValues values) => new Bound(Input.Length, Slope);

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs) => export.Node("LeakyRelu", inputs, OnnxAttribute.Of("alpha", Slope));

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network);

    private sealed class Planned(LeakyReluLayer layer, Network network) : PlannedLayer
    {
        private readonly LeakyRelu _operation = LeakyRelu.Create(network.Device);

        public override OutputUse OutputUse => OutputUse.None;

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => _operation.Forward(x[0], layer.Slope, y, count * layer.Input.Length);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _operation.Backward(x[0], layer.Slope, dy, dx, count * layer.Input.Length);

        protected override void Dispose(bool disposing) => _operation.Dispose();
    }

    /// <summary>slope · z + (1 − slope) · max(z, 0) of each coordinate.</summary>
    private sealed class Bound(int length, double slope) : PiecewiseBoundLayer(length, length)
    {
        public override bool IsListed => false;

        public override double Loss => slope is 0 or 1 ? 0 : SumRounding.Unit;

        public override int Functions => Inputs;

        public override Box Propagate(Box box) => new([.. box.Low.Select(Value)], [.. box.High.Select(Value)]);

        public override void Function(int index, double sign, double[] row) => row[index] = sign;

        public override Box FunctionBounds(Box box) => box;

        public override double Relax(double[] y, Box bounds, double[] x)
        {
            double constant = 0;
            for (int i = 0; i < x.Length; i++)
            {
                (double line, double shift) = RectifierLine((1 - slope) * y[i], bounds.Low[i], bounds.High[i]);
                x[i] = (slope * y[i]) + line;
                constant += shift;
            }

            return constant;
        }

        private double Value(double z) => z > 0 ? z : slope * z;
    }
}
