using System.Text.RegularExpressions;
using System.Xml.Linq;
using Differential.Service.Reporting;

namespace Differential.Service.Tests.Reporting;

public sealed partial class ReportTests
{
    [Fact]
    public void Page_WithHostileText_EncodesIt()
    {
        string html = new ReportPage("<script>alert(1)</script>", "a & b")
            .Section("h<2>", "note <b>", new TableBlock("t<", ["c<"], [[new Cell("<img src=x>")]]), new TextBlock(null, "</pre><script>"))
            .ToHtml();

        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_Always_AsksForNothingOutside()
    {
        string html = Sample();

        Assert.DoesNotMatch(Outside(), html);
        Assert.DoesNotMatch(Outside(), ReportStyle.Css + ReportStyle.Report);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Charts_Always_AreWellFormedSvgWithFiniteCoordinates()
    {
        string html = Sample();

        MatchCollection charts = Svg().Matches(html);
        Assert.Equal(3, charts.Count);
        foreach (Match chart in charts)
        {
            var svg = XElement.Parse(chart.Value);
            Assert.DoesNotContain("NaN", chart.Value, StringComparison.Ordinal);
            Assert.DoesNotContain("∞", chart.Value, StringComparison.Ordinal);
            Assert.NotEmpty(svg.Descendants("line"));
        }
    }

    [Theory]
    [InlineData("src=\"data:image/png;base64,AAAA\"", false)]
    [InlineData("href=\"jobs/1/report.html\"", false)]
    [InlineData("src=\"picture.png\"", true)]
    [InlineData("href=\"//elsewhere\"", true)]
    [InlineData("url(x)", true)]
    public void Outside_OfAReference_SaysWhetherItLeavesThePage(string text, bool leaves) => Assert.Equal(leaves, Outside().IsMatch(text));

    [Fact]
    public void LineChart_NonFinitePoint_LeavesAGap()
    {
        var html = new System.Text.StringBuilder();
        new LineChart("t", "x", "y", [new Series("a", [(1, 1), (2, double.NaN), (3, 2), (4, 3)])]).Write(html);

        string path = Regex.Match(html.ToString(), "<path class=\"line s0\" d=\"([^\"]*)\"").Groups[1].Value;
        Assert.Equal(2, path.Count(c => c == 'M'));
        Assert.Equal(1, path.Count(c => c == 'L'));
    }

    [Fact]
    public void Histogram_SharesOfEachSample_SumToOne()
    {
        var html = new System.Text.StringBuilder();
        new HistogramChart("t", "x", [("a", [0, 0, 1, 2, 3, 50, double.NaN])]) { Bins = 5 }.Write(html);

        double sum = Regex.Matches(html.ToString(), ": ([0-9.]+) %</title>").Sum(m => double.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.InRange(sum, 99.7, 100.3);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.12345, "0.1235")]
    [InlineData(12.3456, "12.35")]
    [InlineData(123.456, "123.5")]
    [InlineData(12705.9475, "12,706")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(double.NaN, "–")]
    public void Figure_OfAValue_IsShort(double value, string expected) => Assert.Equal(expected, Html.Figure(value));

    private static string Sample() => new ReportPage("Title", "Subtitle")
        .Section("Figures", null, new FigureRow([("1", "one")]))
        .Section(
            "Charts",
            "note",
            new LineChart("loss", "epoch", "loss", [new Series("a", [(1, 0.5), (2, 0.25)]), new Series("b", [(1, double.NaN), (2, 1e300)], Dashed: true)]),
            new LineChart("margin", "iteration", "margin", [new Series("a", [(0, 1), (1, 0.1), (1000, 0.3)])]) { XScale = AxisScale.Logarithmic, YUnit = AxisUnit.Share, References = [("bound", 0.5)] },
            new HistogramChart("margins", "y·s", [("a", [1, 1, 1]), ("b", [])]))
        .ToHtml();

    [GeneratedRegex("src=\"(?!data:image/png;base64,)|href=\"(?!data:image/png;base64,|jobs/)|url\\(|@import|https?:")]
    private static partial Regex Outside();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Svg();
}
