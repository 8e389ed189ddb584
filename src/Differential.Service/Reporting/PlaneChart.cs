using System.Text;

namespace Differential.Service.Reporting;

/// <summary>A point of the plane.</summary>
/// <param name="X">First coordinate.</param>
/// <param name="Y">Second coordinate.</param>
/// <param name="Class">Index of its class.</param>
public readonly record struct PlanePoint(double X, double Y, int Class);

/// <summary>Where an attack moved a point.</summary>
public readonly record struct PlaneMove(double FromX, double FromY, double ToX, double ToY);

/// <summary>
/// What a network of points of two dimensions decides over the plane: who is decided for which class, the boundary, the margins' lines, the points, and how attacks
/// move them. Both axes have one scale, so that distances can be seen.
/// </summary>
/// <param name="Title">Above it.</param>
/// <param name="Classes">Their names.</param>
/// <param name="Field">What the network says over the plane.</param>
/// <param name="Points">The samples.</param>
/// <param name="Moves">Of the attacks.</param>
public sealed record PlaneChart(string Title, IReadOnlyList<string> Classes, PlaneField Field, IReadOnlyList<PlanePoint> Points, IReadOnlyList<PlaneMove> Moves) : IReportBlock
{
    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        var plot = new Plot(Axis.Between(Field.Left, Field.Right), Axis.Between(Field.Bottom, Field.Top));
        double ratio = (Field.Right - Field.Left) / (Field.Top - Field.Bottom);
        plot.Open(html, Title, Classes.Select((name, k) => (name, k, false)), $"grid-template-rows:auto 22px auto;--ratio:{Html.Number(ratio)}", "plane");
        html.Append($"<image class=\"regions\" href=\"{Field.Regions()}\" x=\"0\" y=\"0\" width=\"1000\" height=\"1000\" preserveAspectRatio=\"none\"/>");
        foreach (PlaneLevel level in Field.Levels)
        {
            html.Append($"<path class=\"contour{(level.Dashed ? " dash" : string.Empty)}\" d=\"{Field.Contour(level.Score)}\"><title>{Html.Encode(level.Name)}</title></path>");
        }

        foreach (PlaneMove move in Moves)
        {
            html.Append($"<path class=\"move\" d=\"M{plot.At(move.FromX, move.FromY)}L{plot.At(move.ToX, move.ToY)}\"/>");
        }

        foreach (IGrouping<int, PlanePoint> points in Points.GroupBy(static point => point.Class))
        {
            html.Append($"<path class=\"dot {Plot.Color(points.Key)}\" d=\"{string.Concat(points.Select(point => $"M{plot.At(point.X, point.Y)}h0"))}\"/>");
        }

        plot.Close(html, "first coordinate", "second coordinate", "Line: the boundary. Dashed: the scores of the nearest training points that are decided correctly. Thin: how attacks moved points across.");
    }
}
