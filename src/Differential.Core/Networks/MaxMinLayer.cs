using System.ComponentModel;
using Differential.Core.Onnx;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

[Description("Sorts each pair of neighbouring channels, the larger first (GroupSort 2); an even number of channels.")]
public sealed record MaxMinOptions : LayerOptions
{
    internal override Layer Create(LayerPlace place, Shape input) => MaxMinLayer.Create(place, input);
}

/// <summary>Sorts each pair of channels 2i and 2i + 1, the larger first.</summary>
internal sealed class MaxMinLayer : Layer
{
    internal MaxMinLayer(LayerPlace place, Shape input)
        : base(place, input, input)
    {
    }

    internal static MaxMinLayer Create(LayerPlace place, Shape input)
    {
        int channels = input[input.Rank - 1];
        if (channels % 2 != 0)
        {
            throw new ArchitectureException(place, $"maxMin on {channels} channels", "an even number of channels or units before it");
        }

        return new MaxMinLayer(place, input);
    }

    internal override BoundLayer CreateBound(BoundValues values) => new MaxMinBoundLayer(Input.Length);

    /// <remarks>The pairs become an axis of their own, whose larger and smaller elements are put one behind the other again.</remarks>
    internal override string Export(LayerExport export, IReadOnlyList<string> inputs)
    {
        IReadOnlyList<int> dimensions = LayerExport.Dimensions(Input);
        int[] pairs = [dimensions[0] / 2, 2, .. dimensions.Skip(1)];
        int[] halves = [dimensions[0] / 2, 1, .. dimensions.Skip(1)];
        string paired = export.Inner("Reshape", "pairs", [inputs[0], export.Integers("pairs.shape", [0, .. pairs.Select(static extent => (long)extent)])], pairs);
        string largest = export.Inner("ReduceMax", "largest", [paired], halves, OnnxAttribute.Of("axes", [2]), OnnxAttribute.Of("keepdims", 1));
        string smallest = export.Inner("ReduceMin", "smallest", [paired], halves, OnnxAttribute.Of("axes", [2]), OnnxAttribute.Of("keepdims", 1));
        string sorted = export.Inner("Concat", "sorted", [largest, smallest], pairs, OnnxAttribute.Of("axis", 2));
        return export.Node("Reshape", [sorted, export.Integers("shape", [0, .. dimensions.Select(static extent => (long)extent)])]);
    }

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network);

    private sealed class Planned(MaxMinLayer layer, Network network) : PlannedLayer
    {
        private readonly MaxMin _maxMin = MaxMin.Create(network.Device);

        public override bool IsInPlace => true;

        public override OutputUse OutputUse => OutputUse.None;

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => _maxMin.Forward(x[0], y, count * layer.Input.Length);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _maxMin.Backward(x[0], dy, dx, count * layer.Input.Length);

        protected override void Dispose(bool disposing) => _maxMin.Dispose();
    }
}
