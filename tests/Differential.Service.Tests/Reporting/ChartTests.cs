using System.Text;
using System.Text.RegularExpressions;
using Differential.Service.Kinds.Attack;
using Differential.Service.Reporting;

namespace Differential.Service.Tests.Reporting;

/// <summary>Axes, lines, bands and the plane: what is drawn where.</summary>
public sealed class ChartTests
{
    [Fact]
    public void Axis_OfPixels_CountsIn255ths()
    {
        var axis = Axis.Over([0, 2 / 255.0, 4 / 255.0, 8 / 255.0], AxisScale.Linear, AxisUnit.Pixels);
        Assert.Equal(["0", "2", "4", "6", "8"], axis.Ticks.Select(axis.Label));
        Assert.Equal(0.5, axis.Position(4 / 255.0), 1e-12);
        Assert.Equal("4/255", axis.Text(4 / 255.0));
    }

    [Theory]
    [InlineData(1, 4, "1,2,3,4")]
    [InlineData(1, 15, "2,4,6,8,10,12,14")]
    [InlineData(1, 1, "1,2")]
    [InlineData(1, 100, "20,40,60,80,100")]
    public void Axis_OfEpochs_HasWholeTicks(double first, double last, string ticks)
    {
        var axis = Axis.Over([first, last], AxisScale.Linear, AxisUnit.Whole);
        Assert.Equal(ticks, string.Join(',', axis.Ticks.Select(axis.Label)));
        Assert.Equal(0, axis.Position(first));
    }

    [Fact]
    public void Mean_OfSeeds_HasTheirRangeAsBand()
    {
        var series = Series.Mean("loss", [[(1, 2), (2, 1)], [(1, 4), (2, 1), (3, 9)]]);
        Assert.Equal([(1, 3), (2, 1)], series.Points);
        Assert.Equal([(1, 2, 4), (2, 1, 1)], series.Band);
        Assert.Empty(Series.Mean("loss", [[(1, 2), (2, 1)]]).Band);
    }

    [Fact]
    public void LineChart_WithABandAndAReference_DrawsBothWithinTheAxes()
    {
        var html = new StringBuilder();
        new LineChart("t", "x", "y", [new Series("a", [(0, 1), (1, 2)]) { Band = [(0, 0, 2), (1, 1, 4)] }]) { References = [("γ", 3)] }.Write(html);
        string text = html.ToString();
        Assert.Contains("<path class=\"band s0\" d=\"M0 500L1000 0L1000 750L0 1000Z\"/>", text, StringComparison.Ordinal);
        Assert.Contains("<line class=\"reference\" x1=\"0\" x2=\"1000\" y1=\"250\" y2=\"250\"><title>γ: 3</title></line>", text, StringComparison.Ordinal);
        Assert.Contains("<p class=\"under\">γ 3</p>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Beyond_OfDistances_IsTheShareThatIsFarther()
    {
        // Of five samples: 0, 1, 2, one without end, one not found.
        Assert.Equal([(1, 0.8), (1, 0.6), (2, 0.4)], AttackCharts.Beyond([2, 0, 1, double.PositiveInfinity, null]));
        Assert.Empty(AttackCharts.Beyond([null, 0]));
    }

    [Fact]
    public void Contour_OfALinearScore_IsOneStraightLine()
    {
        PlaneField field = Field((x, _) => x);
        string path = field.Contour(0.25);
        Assert.Equal(1, path.Count(static character => character == 'M'));
        Assert.All(Points(path), static point => Assert.Equal(625, point.X, 0.11));
        Assert.Equal([0, 1000], new[] { Points(path).Min(static p => p.Y), Points(path).Max(static p => p.Y) });
        Assert.Empty(field.Contour(3));
    }

    [Fact]
    public void Contour_OfACircle_IsOneClosedLine()
    {
        string path = Field((x, y) => (x * x) + (y * y)).Contour(0.49);
        Assert.Equal(1, path.Count(static character => character == 'M'));
        (double X, double Y)[] points = [.. Points(path)];
        Assert.Equal(points[0], points[^1]);
        Assert.All(points, static point => Assert.Equal(350, Math.Sqrt(Math.Pow(point.X - 500, 2) + Math.Pow(point.Y - 500, 2)), 6.0));
    }

    private static PlaneField Field(Func<double, double, double> score)
    {
        var empty = new PlaneField { Left = -1, Right = 1, Bottom = -1, Top = 1, Size = 21, Decided = [], Scores = [], Levels = [] };
        double[] scores = [.. Enumerable.Range(0, 21 * 21).Select(i => empty.At(i % 21, i / 21)).Select(at => score(at.X, at.Y))];
        return empty with { Scores = scores, Decided = [.. scores.Select(static value => value > 0 ? 0 : 1)] };
    }

    private static IEnumerable<(double X, double Y)> Points(string path) => Regex.Matches(path, "[ML]([0-9.]+) ([0-9.]+)").Select(static match => (
        double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), double.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture)));
}
