using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>A parameter or a state that a layer declares.</summary>
/// <param name="Name">As PyTorch calls it: <c>weight</c>, <c>bias</c>, <c>running_mean</c>, …; behind the layer's own name in files.</param>
/// <param name="Shape">In PyTorch's order of axes.</param>
/// <param name="Start">The first value of all elements; null for weights that are drawn at random.</param>
public sealed record LayerValue(string Name, Shape Shape, float? Start)
{
    public const string Weight = "weight";

    public const string Bias = "bias";
}
