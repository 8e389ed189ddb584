namespace Differential.Core.Networks;

/// <summary>Where a layer stands in an architecture: what its parameters are named by, and what messages point at.</summary>
/// <param name="Index">Place in the architecture's own list, from 0; of a nested layer that of the layer around it; −1 for the list as a whole.</param>
/// <param name="Name">As files name it: <c>layers.3</c>, nested <c>layers.3.shortcut.0</c>.</param>
public sealed record LayerPlace(int Index, string Name)
{
    /// <summary>The list as a whole.</summary>
    public static LayerPlace Whole { get; } = new(-1, "layers");

    /// <summary>Whether it stands in a list of another layer.</summary>
    public bool IsNested => Name.Count(static character => character == '.') > 1;

    /// <summary>A layer of the architecture's own list.</summary>
    public static LayerPlace Of(int index) => new(index, $"layers.{index}");

    /// <summary>A layer of one of this layer's lists.</summary>
    public LayerPlace Inner(string list, int index) => new(Index, $"{Name}.{list}.{index}");

    /// <summary>As job files write it: <c>layers[3].shortcut[0]</c>.</summary>
    public override string ToString() =>
        string.Concat(Name.Split('.').Select(static (part, i) => char.IsAsciiDigit(part[0]) ? $"[{part}]" : i == 0 ? part : $".{part}"));
}
