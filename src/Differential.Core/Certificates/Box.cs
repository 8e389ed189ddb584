namespace Differential.Core.Certificates;

/// <summary>An axis-aligned box: each value lies between its bounds.</summary>
/// <param name="Low">Lower bounds.</param>
/// <param name="High">Upper bounds, not below them.</param>
internal sealed record Box(double[] Low, double[] High)
{
    public int Length => Low.Length;

    /// <summary>The box of half-width <paramref name="radius"/> around a point.</summary>
    public static Box Around(double[] center, double radius) =>
        new([.. center.Select(value => value - radius)], [.. center.Select(value => value + radius)]);
}
