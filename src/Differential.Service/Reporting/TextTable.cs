using System.Globalization;

namespace Differential.Service.Reporting;

/// <summary>
/// Figures as plain text tables: texts on the left, numbers on the right. On a terminal that is too narrow columns are left out, those
/// first that the table names first, then from the right; the first column always stays, and no line is longer than the terminal.
/// </summary>
internal static class TextTable
{
    private const string Gap = "  ";

    /// <param name="output">Where it goes; a <see cref="TerminalText"/> bounds the width.</param>
    /// <param name="heading">A name for each column.</param>
    /// <param name="rows">As many texts each.</param>
    /// <param name="dropped">Headings in the order in which they go where the terminal is too narrow.</param>
    public static void Write(TextWriter output, string[] heading, IEnumerable<string[]> rows, IReadOnlyList<string>? dropped = null)
    {
        string[][] lines = [heading, .. rows];
        if (lines.Length == 1)
        {
            return;
        }

        int[] widths = [.. heading.Select((_, column) => lines.Max(l => l[column].Length))];
        bool[] isText = [.. heading.Select((_, column) => column == 0 || lines.Skip(1).Select(l => l[column]).Where(static text => text.Length > 0 && text is not ("-" or Numbers.Missing)).Any(static text => !IsNumber(text)))];
        var terminal = output as TerminalText;
        List<int> shown = terminal is null ? [.. Enumerable.Range(0, heading.Length)] : Shown(heading, widths, terminal.Width, dropped ?? []);
        for (int i = 0; i < lines.Length; i++)
        {
            string[] line = lines[i];
            string text = string.Join(Gap, shown.Select(column => isText[column] ? line[column].PadRight(widths[column]) : line[column].PadLeft(widths[column]))).TrimEnd();
            output.WriteLine(terminal is null ? text : Bounded(terminal, text, isHeading: i == 0));
        }

        string[] missing = [.. heading.Where((_, column) => !shown.Contains(column))];
        if (missing.Length > 0)
        {
            foreach (string line in TerminalText.Wrap($"(not shown at this width: {string.Join(", ", missing)})", terminal!.Width, indent: 1))
            {
                output.WriteLine(terminal.Paint(line, TextColour.Faint));
            }
        }
    }

    /// <summary>A sentence that warns: in lines and in colour on a terminal, as it is elsewhere.</summary>
    public static void Warn(TextWriter output, string text)
    {
        if (output is not TerminalText terminal)
        {
            output.WriteLine(text);
            return;
        }

        foreach (string line in TerminalText.Wrap(text, terminal.Width, indent: 2))
        {
            output.WriteLine(terminal.Paint(line, TextColour.Yellow));
        }
    }

    public static string Share(double? share) => Numbers.Share(share);

    public static string Budget(double? epsilon) => Numbers.Budget(epsilon);

    public static string Figure(double? value) => Numbers.Figure(value);

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Numbers, shares, fractions and numbers with a spread or a unit start with a digit or a sign.</summary>
    private static bool IsNumber(string text) => char.IsAsciiDigit(text[0]) || (text.Length > 1 && text[0] is '-' or '−' or '+' && char.IsAsciiDigit(text[1])) || text is "∞" or "–";

    private static string Bounded(TerminalText terminal, string text, bool isHeading)
    {
        string line = TerminalText.Cut(text, terminal.Width);
        return isHeading ? terminal.Paint(line, TextColour.Bold) : line;
    }

    private static List<int> Shown(string[] heading, int[] widths, int width, IReadOnlyList<string> dropped)
    {
        List<int> shown = [.. Enumerable.Range(0, heading.Length)];
        IEnumerable<int> order = dropped.Select(name => Array.IndexOf(heading, name)).Concat(Enumerable.Range(0, heading.Length).Reverse());
        foreach (int column in order)
        {
            if (shown.Sum(c => widths[c]) + (Gap.Length * (shown.Count - 1)) <= width)
            {
                break;
            }

            if (column > 0)
            {
                shown.Remove(column);
            }
        }

        return shown;
    }
}
