using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>A parameter of a network: two views into the network's flat tensors.</summary>
/// <param name="Name">As files name it: the layer's name, then <c>.weight</c> or <c>.bias</c>.</param>
/// <param name="FanIn">Inputs that one output of the layer sums over.</param>
/// <param name="IsBias">Whether it is a bias.</param>
/// <param name="Value">The value, in PyTorch's order of axes.</param>
/// <param name="Gradient">The gradient of the latest backward pass.</param>
public sealed record Parameter(string Name, int FanIn, bool IsBias, Tensor<float> Value, Tensor<float> Gradient)
{
    /// <summary>Shape in PyTorch's order: conv weights [out, in, height, width], dense weights [out, in].</summary>
    public Shape Shape => Value.Shape;
}
