using System.Text;
using System.Text.RegularExpressions;
using Differential.Service.Reporting;

namespace Differential.Service.Tests.Reporting;

public sealed class TableBlockTests
{
    [Theory]
    [InlineData("97.8 %", true)]
    [InlineData("4/255", true)]
    [InlineData("-0.7045", true)]
    [InlineData("94.7–99.1 %", true)]
    [InlineData("10.4 % ± 1.0 %", true)]
    [InlineData("1e-7", true)]
    [InlineData("1,234.6", true)]
    [InlineData("–", true)]
    [InlineData("none", true)]
    [InlineData("∞", true)]
    [InlineData("L2", false)]
    [InlineData("test", false)]
    [InlineData("seed 1", false)]
    [InlineData("", false)]
    public void IsNumber_OfAText_DecidesItsSide(string text, bool expected) => Assert.Equal(expected, Numbers.IsNumber(text));

    [Theory]
    [InlineData("97.8 %", 97.8)]
    [InlineData("4/255", 4 / 255.0)]
    [InlineData("94.7–99.1 %", 94.7)]
    [InlineData("1,234.6", 1234.6)]
    [InlineData("∞", double.PositiveInfinity)]
    [InlineData("test", null)]
    [InlineData("–", null)]
    public void Parse_OfAText_IsItsFirstNumber(string text, double? expected) => Assert.Equal(expected, Numbers.Parse(text));

    [Fact]
    public void Write_TextsStandLeft_NumbersRight()
    {
        string html = Html(new TableBlock("t", ["network", "norm", "rate"], [[new Cell("a"), new Cell("L2"), Cell.Percent(0.5)], [new Cell("b"), new Cell("–"), new Cell("–")]]));
        Assert.Contains("<th class=\"left\">network</th><th class=\"left\">norm</th><th>rate</th>", html, StringComparison.Ordinal);
        Assert.Contains("<td class=\"left\">L2</td><td>50.0 %</td>", html, StringComparison.Ordinal);
        Assert.Contains("class=\"scroll\"", html, StringComparison.Ordinal);
        Assert.Contains("class=\"hint\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Sortable_GivesEachRowItsPlaceByEachColumn()
    {
        string html = Html(new TableBlock(
            null,
            ["job", "rate", "name"],
            [
                [new Cell("1") { Link = "jobs/1/report.html" }, Cell.Percent(0.5), new Cell("b")],
                [new Cell("10"), Cell.Percent(null), new Cell("a")],
                [new Cell("2"), Cell.Percent(0.25), new Cell("c")],
            ])
        {
            SortId = "s",
            Best = 0,
        });
        Assert.Equal(["--k0:1;--k1:3;--k2:2;", "--k0:3;--k1:1;--k2:1;", "--k0:2;--k1:2;--k2:3;"], Regex.Matches(html, "<tr[^>]* style=\"([^\"]*)\"").Select(static match => match.Groups[1].Value));
        Assert.Contains("<tr class=\"best\"", html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"jobs/1/report.html\">1</a>", html, StringComparison.Ordinal);
        Assert.Equal(6, Regex.Count(html, "type=\"radio\""));
        Assert.Contains("#s1d:checked~.scroll td{order:calc(-1*var(--k1))}", html, StringComparison.Ordinal);
        Assert.Contains("<label for=\"s1a\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Stacked_LabelsEachCell() =>
        Assert.Contains("<td data-label=\"check\"", Html(new TableBlock(null, ["check", "text"], [[new Cell("a"), new Cell("words", CellTone.Text)]]) { Stacks = true }).Replace(" class=\"left\"", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);

    [Fact]
    public void Matrix_OfCounts_ShadesByTheShareOfARow()
    {
        var html = new StringBuilder();
        new MatrixBlock("m", ["a", "b"], [[3, 1], [0, 0]]).Write(html);
        string text = html.ToString();
        Assert.Contains("var(--good) 45%,transparent)\">3</td>", text, StringComparison.Ordinal);
        Assert.Contains("var(--warn) 15%,transparent)\">1</td>", text, StringComparison.Ordinal);
        Assert.Contains("<td>75.0 %</td>", text, StringComparison.Ordinal);
        Assert.Contains("<td>–</td>", text, StringComparison.Ordinal);
    }

    private static string Html(TableBlock table)
    {
        var html = new StringBuilder();
        table.Write(html);
        return html.ToString();
    }
}
