using System.Globalization;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Sweep;

namespace Differential.Service.Cluster;

/// <summary>A sweep's table as CSV (RFC 4180): job, the varied fields, status, seconds, the figures in full, why it failed.</summary>
internal static class SweepCsv
{
    /// <param name="rows">The jobs.</param>
    /// <param name="ownNames">Whether each job's figures begin with the name of its own network, which then goes: the fields name it.</param>
    /// <param name="output">Gets the lines.</param>
    public static void Write(IReadOnlyList<SweepRow> rows, bool ownNames, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(output);
        IReadOnlyDictionary<string, double?>[] results = [.. rows.Select(r => ownNames ? Unnamed(r) : r.Result)];
        string[] fields = [.. rows[0].Fields.Keys];
        string[] figures = [.. results.SelectMany(r => r.Keys).Distinct()];
        WriteLine(output, ["job", .. fields, "status", "seconds", .. figures, "error"]);
        foreach ((SweepRow row, IReadOnlyDictionary<string, double?> result) in rows.Zip(results))
        {
            WriteLine(
                output,
                [
                    row.Number.ToString(CultureInfo.InvariantCulture), .. fields.Select(f => SweepReport.Text(row.Fields[f])), row.Status.ToText(), Text(row.Seconds),
                    .. figures.Select(f => Text(result.GetValueOrDefault(f))), row.Error ?? string.Empty,
                ]);
        }
    }

    private static Dictionary<string, double?> Unnamed(SweepRow row)
    {
        string name = $"{SweepReport.Text(row.Fields.First().Value)} ";
        return row.Result.ToDictionary(f => f.Key.StartsWith(name, StringComparison.Ordinal) ? f.Key[name.Length..] : f.Key, f => f.Value);
    }

    private static string Text(double? value) => value is double number && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : string.Empty;

    private static void WriteLine(TextWriter output, IReadOnlyList<string> values) => output.WriteLine(string.Join(',', values.Select(Quote)));

    private static string Quote(string value) => value.AsSpan().IndexOfAny(",\"\r\n") < 0 ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
