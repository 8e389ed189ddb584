using System.CommandLine;
using Differential.Core;
using Differential.Service.Cluster;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Runs;

namespace Differential.Service.Commands;

/// <summary><c>differential collect</c>: the table of a sweep whose jobs run by themselves.</summary>
internal static class CollectCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The folder of a frozen sweep." };
        var csv = new Option<bool>("--csv") { Description = "Prints the table as CSV, a line for each job, figures in full." };
        var command = new Command("collect", "Puts the results of a sweep's jobs into one table, at any time; jobs without a result are shown as they stand. Writes result.json and report.html beside them.")
        {
            folder, csv,
        };
        command.SetAction(parsed =>
        {
            CollectedSweep collected = CollectedSweep.Read(FrozenSweep.Open(parsed.GetValue(folder)!));
            if (parsed.GetValue(csv))
            {
                SweepCsv.Write(collected.Rows, ownNames: collected.IsComparison, Console.Out);
            }
            else
            {
                collected.WriteTables(Console.Out);
            }

            Save(collected, parsed.GetValue(folder)!, parsed.GetValue(csv));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Save(CollectedSweep collected, string folder, bool isCsv)
    {
        if (collected.Origins.Count > 1)
        {
            Console.Error.WriteLine($"The jobs were computed in {collected.Origins.Count} ways, whose results differ in their bits: {string.Join("; ", collected.Origins)}");
        }

        try
        {
            collected.Save();
        }
        catch (Exception exception) when (exception is FolderHeldException or InputException)
        {
            // The table is there; somebody else's folder, or one that a process works in, stays as it is.
            Console.Error.WriteLine($"result.json and report.html are not written: {exception.Message}");
            return;
        }

        if (!isCsv)
        {
            int missing = collected.Jobs.Count(j => j.State is not (TaskState.Done or TaskState.Failed or TaskState.Cancelled));
            Console.Out.WriteLine();
            if (missing > 0)
            {
                Console.Out.WriteLine($"{missing} of {collected.Jobs.Count} jobs have no result yet.");
            }

            string report = Path.Combine(folder, "report.html");
            if (File.Exists(report))
            {
                Console.Out.WriteLine($"Report: {report}");
            }
        }
    }
}
