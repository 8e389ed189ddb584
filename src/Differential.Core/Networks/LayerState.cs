using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>What a layer keeps beside its parameters: a view into the network's flat tensor of it.</summary>
/// <param name="Name">As files name it, such as <c>layers.1.running_mean</c>.</param>
/// <param name="Value">The value.</param>
public sealed record LayerState(string Name, Tensor<float> Value);
