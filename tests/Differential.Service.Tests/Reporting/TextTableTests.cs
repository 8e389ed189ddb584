using CsCheck;
using Differential.Service.Commands;
using Differential.Service.Progress;
using Differential.Service.Reporting;

namespace Differential.Service.Tests.Reporting;

/// <summary>Text within a width: tables, sentences and the bar.</summary>
public sealed class TextTableTests
{
    private static readonly string[] Heading = ["network", "norm", "accuracy", "images/s"];

    private static readonly string[][] Rows = [["crossEntropy", "L2", "99.8 %", "5935"], ["d", "Linf", "-0.5", "70"]];

    [Fact]
    public void Write_NoTerminal_HasTextsLeftAndNumbersRightAndEveryColumn()
    {
        using var output = new StringWriter { NewLine = "\n" };

        TextTable.Write(output, Heading, Rows, ["images/s"]);

        Assert.Equal(
            """
            network       norm  accuracy  images/s
            crossEntropy  L2      99.8 %      5935
            d             Linf      -0.5        70

            """.ReplaceLineEndings("\n"),
            output.ToString());
    }

    [Theory]
    [InlineData(40, "network       norm  accuracy  images/s")]
    [InlineData(37, "network       norm  accuracy")]
    [InlineData(27, "network       norm")]
    [InlineData(20, "network       norm")]
    public void Write_NarrowTerminal_LeavesOutColumnsInTheStatedOrderThenFromTheRight(int width, string heading)
    {
        string[] lines = Lines(width, static output => TextTable.Write(output, Heading, Rows, ["images/s"]));

        Assert.Equal(heading, lines[0]);
        Assert.Equal(width < 38, lines.Any(static line => line.Contains("not shown", StringComparison.Ordinal)));
    }

    [Fact]
    public void Write_AnyTableAndWidth_HasNoLineThatIsWider() => Gen.Select(
        Gen.String[Gen.Char["ab 1%"], 1, 30].Array[1, 6].SelectMany(heading => Gen.String[Gen.Char["ab 1%-"], 0, 30].Array[heading.Length].Array[0, 4].Select(rows => (heading, rows))),
        Gen.Int[20, 120]).Sample((table, width) => Assert.All(Lines(width, output => TextTable.Write(output, table.heading, table.rows)), line => Assert.InRange(line.Length, 0, width)));

    [Fact]
    public void Warn_OnATerminal_BreaksBetweenWordsAndKeepsThemAll()
    {
        const string Text = "Warning, crossEntropy, objective: PGD on the margin flips 75.0 %, on the cross-entropy 67.5 %: the scores saturate.";

        string[] lines = Lines(40, static output => TextTable.Warn(output, Text));

        Assert.All(lines, static line => Assert.InRange(line.Length, 1, 40));
        Assert.Equal(Text, string.Join(' ', lines.Select(static line => line.Trim())));
    }

    [Fact]
    public void BarLine_AnyProgressAndWidth_FitsAndDropsTheSpeedFirst() => Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1e6], Gen.String[Gen.Char["abc ·/1"], 0, 60], Gen.Double[0, 1e5], Gen.Int[10, 200]).Sample((fraction, left, where, speed, width) =>
    {
        string line = BarLine.Of(new JobProgress { Fraction = fraction, SecondsLeft = left, Where = where, ImagesPerSecond = speed }, 3, width, colour: false);
        Assert.InRange(line.Length, 1, width);
        Assert.True(!line.Contains("images/s", StringComparison.Ordinal) || line.Contains(" left", StringComparison.Ordinal));
        Assert.True(!line.Contains(" left", StringComparison.Ordinal) || line.Contains(" %", StringComparison.Ordinal));
    });

    private static string[] Lines(int width, Action<TextWriter> write)
    {
        using var inner = new StringWriter { NewLine = "\n" };
        using var terminal = new TerminalText(inner, width, colour: false);
        write(terminal);
        return inner.ToString().TrimEnd('\n').Split('\n');
    }
}
