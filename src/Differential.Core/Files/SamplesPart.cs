namespace Differential.Core.Files;

/// <summary>The attacked samples of one split of one model.</summary>
internal sealed record SamplesPart
{
    /// <summary>The model, where a file holds several.</summary>
    public string? Model { get; init; }

    /// <summary>The split, where a file holds several.</summary>
    public string? Split { get; init; }

    /// <summary>[n]: positions in the data set.</summary>
    public required IReadOnlyList<int> Indices { get; init; }

    /// <summary>[n]: +1 or −1; of three classes or more the class's number.</summary>
    public required IReadOnlyList<sbyte> Labels { get; init; }

    /// <summary>[n]: the score less the threshold, of three classes or more the smallest margin, before any attack.</summary>
    public required IReadOnlyList<float> CleanScores { get; init; }

    /// <summary>A column per attack and budget; every part of a file has the same names.</summary>
    public required IReadOnlyList<SampleColumn> Columns { get; init; }
}
