using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Core;
using Differential.Service.History;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Progress;
using Differential.Service.Reporting;

namespace Differential.Service.Commands;

/// <summary><c>differential runs</c>: the runs that have ended, filtered and sorted, or some of them side by side.</summary>
internal static class RunsCommand
{
    private static readonly JsonSerializerOptions Json = new(JobJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private static readonly string[] Columns = ["id", "kind", "state", "accuracy", "robust", "at", "took", "device", "finished"];

    public static Command Create()
    {
        var filter = new Argument<string[]>("filter") { Description = "Words and conditions that all hold: loss:differential accuracy>0.95 -state:failed. All runs without any.", Arity = ArgumentArity.ZeroOrMore };
        var sort = new Option<string?>("--sort") { Description = "A field by which runs are ordered, - before it for the largest first; -finished by default." };
        var csv = new Option<bool>("--csv") { Description = "Prints comma-separated values." };
        var compare = new Option<string[]>("--compare") { Description = "Puts these runs side by side: the fields in which their jobs differ, and their figures.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("runs", "Lists the runs that have ended, those of the service's root and those of 'differential run', or puts some side by side.")
        {
            filter, SharedOptions.Root, sort, SharedOptions.Json, csv, compare,
        };
        command.SetAction(parsed =>
        {
            (bool json, bool values) = (parsed.GetValue(SharedOptions.Json), parsed.GetValue(csv));
            if (json && values)
            {
                throw new InputException("arguments", "--csv", "--json beside it", "allowed: one of --json, --csv");
            }

            var catalog = new RunCatalog(Folders(parsed.GetValue(SharedOptions.Root)));
            if (parsed.GetValue(compare) is { Length: > 0 } ids)
            {
                Compare(RunComparison.Of([.. ids.Select(catalog.Find)]), json, values);
                return ExitCode.Done;
            }

            IReadOnlyList<RunSummary> runs = catalog.Find(RunFilter.Parse(string.Join(' ', parsed.GetValue(filter) ?? [])), parsed.GetValue(sort));
            if (json)
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(runs, Json));
            }
            else if (values)
            {
                WriteCsv(["id", "name", "kind", "state", "device", "started", "finished", "seconds", "accuracy", "robustAccuracy", "robustAt", "error"], runs.Select(CsvRow));
            }
            else
            {
                WriteTable(runs);
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>With a root its runs, and where it is a folder of runs itself those in it; else those of the configured root and of foreground jobs.</summary>
    private static IReadOnlyList<string> Folders(string? root)
    {
        if (root is not null)
        {
            string runs = Path.Combine(root, "runs");
            return Directory.Exists(runs) ? [runs]
                : Directory.Exists(root) ? [root]
                : throw new InputException("arguments", "--root", $"'{root}', which is no folder", "allowed: the --root of differential serve, or a folder of runs");
        }

        string[] folders = [Path.Combine(ServiceSettings.Read(null).Root, "runs"), AppSettings.Of(AppHost.Configuration()).Runs];
        return [.. folders.Select(Path.GetFullPath).Distinct()];
    }

    private static void WriteTable(IReadOnlyList<RunSummary> runs)
    {
        TextWriter output = TerminalKind.Tables();
        if (runs.Count == 0)
        {
            output.WriteLine("No run that has ended is so.");
            return;
        }

        TextTable.Write(
            output,
            Columns,
            runs.Select(static run => (string[])
            [
                run.Id, run.Kind, run.State.ToText(), Numbers.Share(run.Accuracy), Numbers.Share(run.RobustAccuracy), run.RobustAt ?? Numbers.Missing, TimeText.Exact(run.Seconds), run.Device,
                run.Finished.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            ]),
            ["finished", "device", "at", "state", "kind", "took"]);
    }

    private static string[] CsvRow(RunSummary run) =>
    [
        run.Id, run.Name, run.Kind, run.State.ToText(), run.Device, run.Started.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), run.Finished.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        Number(run.Seconds), Number(run.Accuracy), Number(run.RobustAccuracy), run.RobustAt ?? string.Empty, run.Error ?? string.Empty,
    ];

    private static void Compare(RunComparison comparison, bool json, bool csv)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(comparison, Json));
            return;
        }

        string[] ids = [.. comparison.Runs.Select(static r => r.Id)];
        if (csv)
        {
            WriteCsv(
                ["name", .. ids],
                comparison.Fields.Select(static f => (string[])[f.Name, .. f.Values]).Concat(comparison.Figures.Select(static f => (string[])[f.Name, .. f.Values.Select(static v => Number(v))])));
            return;
        }

        TextWriter output = TerminalKind.Tables();
        TextTable.Write(output, ["field", .. ids], comparison.Fields.Select(static f => (string[])[f.Name, .. f.Values.Select(static v => v.Length == 0 ? Numbers.Missing : v)]));
        output.WriteLine();
        TextTable.Write(output, ["figure", .. ids], comparison.Figures.Select(static f => (string[])[f.Name, .. f.Values.Select(v => f.IsShare ? Numbers.Share(v) : Numbers.Figure(v))]));
    }

    private static void WriteCsv(string[] heading, IEnumerable<string[]> rows)
    {
        foreach (string[] row in rows.Prepend(heading))
        {
            Console.Out.WriteLine(string.Join(',', row.Select(Quoted)));
        }
    }

    private static string Number(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? string.Empty;

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
