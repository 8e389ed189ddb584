namespace Differential.Core.Networks;

/// <summary>A list of layers that is no network for its input.</summary>
/// <param name="layer">Index of the layer in the list, from 0; −1 for the list as a whole.</param>
/// <param name="found">What was found.</param>
/// <param name="allowed">What is allowed.</param>
public sealed class ArchitectureException(int layer, string found, string allowed)
    : Exception($"{(layer < 0 ? "layers" : $"layers[{layer}]")}: {found}; {allowed}")
{
    public int Layer { get; } = layer;

    public string Found { get; } = found;

    public string Allowed { get; } = allowed;
}
