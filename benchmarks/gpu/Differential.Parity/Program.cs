using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Differential.Parity;

/// <summary>
/// The rows of the kernel tests that name a device, run where there is no .NET SDK: <c>Differential.Parity DEVICE [--limit SECONDS] [--only PART]</c>.
/// One JSON line for each row that fails and one at the end, which says how many rows there were and how many the limit left out. Status 1
/// where one failed or none ran. <c>Differential.Parity compare A B</c> sets two runs' figures side by side.
/// </summary>
internal static class Program
{
    private const int MaxTold = 50;

    private static int Main(string[] args)
    {
        if (args is ["compare", var first, var second])
        {
            return RunComparison.Write(first, second, Console.Out);
        }

        if (args.Length == 0)
        {
            Console.Error.WriteLine("Differential.Parity DEVICE [--limit SECONDS] [--only PART], or: compare RESULT RESULT");
            return 2;
        }

        double limit = Value(args, "--limit") is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : double.PositiveInfinity;
        string? only = Value(args, "--only");
        long start = Stopwatch.GetTimestamp();
        using var fixtures = new Fixtures();
        List<ParityRow> rows = [.. ParityRow.Of(args[0]).Where(row => only is null || row.Name.Contains(only, StringComparison.OrdinalIgnoreCase))];
        int passed = 0, failed = 0, skipped = 0;

        // A row that hangs must not take the count of the others with it.
        using var ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            WriteCounts();
            Environment.Exit(1);
        });
        foreach (ParityRow row in rows)
        {
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > limit)
            {
                break;
            }

            (RowOutcome outcome, string? message) = row.Run(fixtures);
            passed += outcome == RowOutcome.Passed ? 1 : 0;
            skipped += outcome == RowOutcome.Skipped ? 1 : 0;
            failed += outcome == RowOutcome.Failed ? 1 : 0;
            if (outcome == RowOutcome.Failed && failed <= MaxTold)
            {
                Write(new { row = row.Name, outcome = "failed", message });
            }
        }

        WriteCounts();
        return failed == 0 && passed > 0 ? 0 : 1;

        void WriteCounts() =>
            Write(new { device = args[0], rows = rows.Count, passed, failed, skipped, left = rows.Count - passed - failed - skipped, seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 1) });
    }

    private static void Write(object line)
    {
        Console.WriteLine(JsonSerializer.Serialize(line));
        Console.Out.Flush();
    }

    private static string? Value(string[] args, string name)
    {
        int index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }
}
