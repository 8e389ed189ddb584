namespace Differential.Core.Importing;

/// <summary>A node that the network of this program has no layers for.</summary>
/// <param name="operation">The operator, with what is special about it.</param>
/// <param name="node">The node's name.</param>
public sealed class UnsupportedOperatorException(string operation, string node) : Exception($"node {node}: {operation}")
{
    /// <summary>The operator, with what is special about it.</summary>
    public string Operation { get; } = operation;

    public string Node { get; } = node;
}
