using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Networks;

/// <summary>Several outputs put together into one: each of their elements has its place.</summary>
internal sealed class JoinLayer : ImportedLayer
{
    private readonly int[][] _places;

    /// <param name="place">The layer's place.</param>
    /// <param name="input">Shape of a sample of the first input.</param>
    /// <param name="output">Shape of one sample that goes out.</param>
    /// <param name="places">By input, for each of its elements the output's; together each output once.</param>
    internal JoinLayer(LayerPlace place, Shape input, Shape output, int[][] places)
        : base(place, input, output) => _places = places;

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network.Device);

    private sealed class Planned : PlannedLayer
    {
        private readonly OwnedResources _owned = new();
        private readonly JoinLayer _layer;
        private readonly ElementGather _gather;
        private readonly List<Tensor<int>> _places = [];

        public Planned(JoinLayer layer, ComputeDevice device)
        {
            _layer = layer;
            try
            {
                _gather = _owned.Add(ElementGather.Create(device));
                foreach (int[] places in layer._places)
                {
                    Tensor<int> tensor = _owned.Add(device.Allocate<int>(new Shape(places.Length)));
                    tensor.Write(places);
                    _places.Add(tensor);
                }
            }
            catch
            {
                _owned.Dispose();
                throw;
            }
        }

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode)
        {
            for (int input = 0; input < x.Length; input++)
            {
                _gather.Scatter(x[input], _places[input].Length, _places[input], y, _layer.Output.Length, count);
            }
        }

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _gather.Gather(dy, _layer.Output.Length, _places[input], 0, dx, _places[input].Length, count);

        protected override void Dispose(bool disposing) => _owned.Dispose();
    }
}
