using System.Globalization;

namespace Differential.Core.Files;

/// <summary>A column of results, one per attacked sample.</summary>
internal sealed class SampleColumn
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

    /// <summary>A word for each sample, such as the attack that found its flip; empty where there is none.</summary>
    public static SampleColumn OfNames(string name, IReadOnlyList<string?> names) => new(name, [.. names.Select(word => word ?? string.Empty)]);

    /// <summary>The distance to the boundary; NaN and infinity, where none was found, become an empty field.</summary>
    public static SampleColumn OfDistances(string name, IReadOnlyList<float> distances) =>
        new(name, [.. distances.Select(distance => float.IsFinite(distance) ? distance.ToString("R", CultureInfo.InvariantCulture) : string.Empty)]);

    /// <summary>
    /// The certified distance, rounded down, read as float32 or as float64: an empty field where none was asked for (null), <c>none</c> where none is available (NaN),
    /// <c>inf</c> where no input flips.
    /// </summary>
    public static SampleColumn OfCertificates(string name, IReadOnlyList<double?> distances) => new(name, [.. distances.Select(Certificate)]);

    internal string Field(int row) => _fields[row];

    private static string Certificate(double? distance)
    {
        if (distance is not double value)
        {
            return string.Empty;
        }

        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "none" : "inf";
        }

        // The text is a little above or below the float32 that it stands for, and may be read as float64.
        var below = (float)value;
        string text = below.ToString("R", CultureInfo.InvariantCulture);
        while (below > value || double.Parse(text, CultureInfo.InvariantCulture) > value)
        {
            below = float.BitDecrement(below);
            text = below.ToString("R", CultureInfo.InvariantCulture);
        }

        return text;
    }
}
