namespace Differential.Core.Networks;

/// <summary>A list of layers that is no network for its input.</summary>
/// <param name="place">The layer.</param>
/// <param name="found">What was found.</param>
/// <param name="allowed">What is allowed.</param>
public sealed class ArchitectureException(LayerPlace place, string found, string allowed)
    : Exception($"{place}: {found}; {allowed}")
{
    public LayerPlace Place { get; } = place;

    /// <summary>Index in the architecture's own list, from 0; −1 for the list as a whole.</summary>
    public int Layer => Place.Index;

    public string Found { get; } = found;

    public string Allowed { get; } = allowed;
}
