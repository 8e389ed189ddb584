using System.Globalization;

namespace Differential.Core.Files;

/// <summary>A column of results, one per attacked sample.</summary>
public sealed class SampleColumn
{
    private readonly IReadOnlyList<string> _fields;

    private SampleColumn(string name, IReadOnlyList<string> fields)
    {
        Name = name;
        _fields = fields;
    }

    /// <summary>The column's heading, e.g. <c>pgd.l2.0.5</c>.</summary>
    public string Name { get; }

    public int Count => _fields.Count;

    /// <summary>Whether an attack within a budget flipped each sample: 1 or 0.</summary>
    public static SampleColumn OfFlips(string name, IReadOnlyList<bool> flipped) => new(name, [.. flipped.Select(flip => flip ? "1" : "0")]);

    /// <summary>The distance to the boundary; NaN and infinity, where none was found, become an empty field.</summary>
    public static SampleColumn OfDistances(string name, IReadOnlyList<float> distances) =>
        new(name, [.. distances.Select(distance => float.IsFinite(distance) ? distance.ToString("R", CultureInfo.InvariantCulture) : string.Empty)]);

    internal string Field(int row) => _fields[row];
}
