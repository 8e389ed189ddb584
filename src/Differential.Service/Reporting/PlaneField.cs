using System.Globalization;
using System.Text;

namespace Differential.Service.Reporting;

/// <summary>A score at which a line is drawn.</summary>
public sealed record PlaneLevel(double Score, bool Dashed, string Name);

/// <summary>What a network says over a grid of the plane.</summary>
public sealed record PlaneField
{
    public required double Left { get; init; }

    public required double Right { get; init; }

    public required double Bottom { get; init; }

    public required double Top { get; init; }

    /// <summary>Points of the grid in each direction.</summary>
    public required int Size { get; init; }

    /// <summary>[row from below][column], the class that each point of the grid is decided for.</summary>
    public required IReadOnlyList<int> Decided { get; init; }

    /// <summary>[row from below][column], score less threshold; of three classes or more empty: there the regions' edges are the boundary.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>Scores at which lines are drawn.</summary>
    public required IReadOnlyList<PlaneLevel> Levels { get; init; }

    /// <summary>The coordinates of a point of the grid.</summary>
    public (double X, double Y) At(int column, int row) => (Left + ((Right - Left) * column / (Size - 1)), Bottom + ((Top - Bottom) * row / (Size - 1)));

    /// <summary>The classes' regions as a picture in the colours of the series, the first row on top.</summary>
    public string Regions()
    {
        (byte, byte, byte)[] colors = [(0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0x00, 0x9E, 0x73), (0xCC, 0x79, 0xA7), (0xE6, 0x9F, 0x00), (0x56, 0xB4, 0xE9), (0x7F, 0x7F, 0x7F)];
        var pixels = new byte[Size * Size * 3];
        for (int row = 0; row < Size; row++)
        {
            for (int column = 0; column < Size; column++)
            {
                (byte red, byte green, byte blue) = colors[Decided[((Size - 1 - row) * Size) + column] % ReportStyle.Colors];
                int at = ((row * Size) + column) * 3;
                (pixels[at], pixels[at + 1], pixels[at + 2]) = (red, green, blue);
            }
        }

        return PngImage.DataUri(Size, Size, 3, pixels);
    }

    /// <summary>The line along which the score has a value, as a path in a drawing of 1000 by 1000: marching squares, linear between the grid's points.</summary>
    public string Contour(double level)
    {
        var segments = new List<((double X, double Y) From, (double X, double Y) To)>();
        double cell = 1000.0 / (Size - 1);
        for (int row = 0; row + 1 < Size && Scores.Count > 0; row++)
        {
            for (int column = 0; column + 1 < Size; column++)
            {
                List<(double X, double Y)> ends = [];
                Cross(column, row, column + 1, row);
                Cross(column + 1, row, column + 1, row + 1);
                Cross(column, row + 1, column + 1, row + 1);
                Cross(column, row, column, row + 1);
                for (int i = 0; i + 1 < ends.Count; i += 2)
                {
                    segments.Add((ends[i], ends[i + 1]));
                }

                void Cross(int fromColumn, int fromRow, int toColumn, int toRow)
                {
                    double a = Scores[(fromRow * Size) + fromColumn] - level;
                    double b = Scores[(toRow * Size) + toColumn] - level;
                    if (a > 0 == b > 0 || !double.IsFinite(a) || !double.IsFinite(b))
                    {
                        return;
                    }

                    double share = a / (a - b);
                    ends.Add(((fromColumn + (share * (toColumn - fromColumn))) * cell, 1000 - ((fromRow + (share * (toRow - fromRow))) * cell)));
                }
            }
        }

        return Joined(segments);
    }

    /// <summary>Segments that share an end, which neighbouring squares compute alike, become one line: only so can it be dashed.</summary>
    private static string Joined(List<((double X, double Y) From, (double X, double Y) To)> segments)
    {
        // A grid point that lies on the line itself leaves segments without length.
        segments.RemoveAll(static segment => Text(segment.From) == Text(segment.To));
        var at = new Dictionary<string, List<int>>();
        for (int i = 0; i < segments.Count; i++)
        {
            Place(segments[i].From).Add(i);
            Place(segments[i].To).Add(i);
        }

        var used = new bool[segments.Count];
        var path = new StringBuilder();

        // Lines begin where only one segment ends; what is left then are closed ones.
        foreach (int start in Enumerable.Range(0, segments.Count).OrderBy(i => Math.Min(Place(segments[i].From).Count, Place(segments[i].To).Count)))
        {
            if (used[start])
            {
                continue;
            }

            ((double X, double Y) from, (double X, double Y) to) = segments[start];
            if (Place(from).Count > Place(to).Count)
            {
                (from, to) = (to, from);
            }

            path.Append('M').Append(Text(from));
            for (int next = start; next >= 0; next = Place(to).FindIndex(i => !used[i]) is int k and >= 0 ? Place(to)[k] : -1)
            {
                to = next == start ? to : Text(segments[next].From) == Text(to) ? segments[next].To : segments[next].From;
                used[next] = true;
                path.Append('L').Append(Text(to));
            }
        }

        return path.ToString();

        List<int> Place((double X, double Y) end) => at.TryGetValue(Text(end), out List<int>? found) ? found : at[Text(end)] = [];

        static string Text((double X, double Y) end) => string.Create(CultureInfo.InvariantCulture, $"{end.X:0.#} {end.Y:0.#}");
    }
}
