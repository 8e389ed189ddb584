using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>The same elements in the same order under another shape.</summary>
internal sealed class ViewLayer : ImportedLayer
{
    internal ViewLayer(LayerPlace place, Shape input, Shape output)
        : base(place, input, output) => ArgumentOutOfRangeException.ThrowIfNotEqual(output.Length, input.Length, nameof(output));

    internal override bool IsIdentity => true;

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => throw new NotSupportedException("a view computes nothing");
}
