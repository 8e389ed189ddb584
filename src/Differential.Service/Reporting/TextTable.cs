using System.Globalization;
using Differential.Core.Numerics;

namespace Differential.Service.Reporting;

/// <summary>Figures as plain text tables, the first column on the left, the others on the right.</summary>
internal static class TextTable
{
    public static void Write(TextWriter output, string[] heading, IEnumerable<string[]> rows)
    {
        string[][] lines = [heading, .. rows];
        int[] widths = [.. heading.Select((_, column) => lines.Max(l => l[column].Length))];
        foreach (string[] line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((text, column) => column == 0 ? text.PadRight(widths[0]) : text.PadLeft(widths[column]))).TrimEnd());
        }
    }

    public static string Share(double? share) => share is double value && double.IsFinite(value) ? Number(100 * value, "0.0") + " %" : "-";

    public static string Budget(double? epsilon) => epsilon is double value ? new Fraction(value).ToText() : "-";

    public static string Figure(double? value) => value is double number && double.IsFinite(number) ? Number(number, "0.####") : "-";

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
