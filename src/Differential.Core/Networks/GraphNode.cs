namespace Differential.Core.Networks;

/// <summary>A layer in its network's graph.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Inputs">The nodes whose outputs it takes, each of a smaller number than its own; −1 is the network's input.</param>
public sealed record GraphNode(Layer Layer, IReadOnlyList<int> Inputs);
