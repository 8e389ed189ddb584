using System.Collections.Concurrent;
using System.Diagnostics;
using Differential.Service.Queue;
using Differential.Service.Tests.Queue;
using Xunit.Abstractions;

namespace Differential.Service.Tests.Reliability;

/// <summary>
/// Each change of a job's state × each fault of the machine around it × one or two services, as an unprivileged user: the service is
/// stopped at the change, the fault is put in place, and the service goes on into it.
/// </summary>
[Trait("Category", "Long")]
public sealed class FaultMatrixTests(ITestOutputHelper output)
{
    private const int LanesPerCount = 2;

    [SkippableFact]
    public async Task Serve_AnyFaultAtAnyChangeOfState_EndsWithOneUndisturbedResultAndTellsTheTruthMeanwhile()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "mounts and other users need root on Linux");
        Skip.IfNot(FaultPoint.IsCompiledIn, "fault points need a build with -p:FaultInjection=true");
        IReadOnlyDictionary<string, string> expected = Undisturbed();
        ConcurrentBag<(StateChange Change, RootFault Fault, int Services, string? Broken)> rounds = [];
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 2 * LanesPerCount).Select(lane => Task.Run(() => RunAsync(lane, expected, rounds))));

        foreach (int services in (int[])[1, 2])
        {
            output.WriteLine($"Rounds that passed with {services} service{(services == 1 ? string.Empty : "s")}, of those that were run:");
            foreach (IGrouping<string, (StateChange Change, RootFault Fault, int Services, string? Broken)> fault in rounds.Where(r => r.Services == services).GroupBy(r => r.Fault.Name))
            {
                output.WriteLine($"| {fault.Key} | {fault.Count(r => r.Broken is null)} of {fault.Count()} |");
            }
        }

        output.WriteLine($"{rounds.Count} rounds in {clock.Elapsed.TotalMinutes:0} min");
        Assert.Empty(rounds.Where(r => r.Broken is not null).Select(r => $"{r.Change.Name} × {r.Fault.Name} × {r.Services}: {r.Broken}"));
        Assert.True(rounds.Count >= 500, $"{rounds.Count} rounds");
    }

    private static async Task RunAsync(int lane, IReadOnlyDictionary<string, string> expected, ConcurrentBag<(StateChange, RootFault, int, string?)> rounds)
    {
        int services = 1 + (lane % 2);
        using var root = new FaultLane(services, $"lane{lane}", expected);
        int cell = 0;
        foreach (RootFault fault in RootFault.All)
        {
            foreach (StateChange change in StateChange.All.Where(fault.CanStrikeAt))
            {
                if (cell++ % LanesPerCount != lane / 2)
                {
                    continue;
                }

                string? broken = await root.RoundAsync(change, fault);
                rounds.Add((change, fault, services, broken));
                if (Environment.GetEnvironmentVariable("DIFFERENTIAL_MATRIX_LOG") is { } log)
                {
                    string line = $"{(broken is null ? "passed" : "BROKEN")}\t{services}\t{change.Name}\t{fault.Name}\n{(broken is null ? string.Empty : broken + "\n")}";
                    await File.AppendAllTextAsync($"{log}.{lane}", line);
                }
            }
        }
    }

    private static Dictionary<string, string> Undisturbed()
    {
        using var folder = new QueueFolder();
        folder.Drop("short.json", MatrixJobs.Short);
        folder.Drop("long.json", MatrixJobs.Long);
        using var service = ServiceProcess.Serve(folder.Root.Path, ("DIFFERENTIAL__Queue__MinimumFreeBytes", "0"));
        Assert.True(Wait.Until(() => Directory.GetFiles(folder.Root.Done).Length == 2, TimeSpan.FromMinutes(3)), "the undisturbed jobs did not end");
        return new Dictionary<string, string>
        {
            [MatrixJobs.Short] = ResultFingerprint.Of(folder.Root, "short"),
            [MatrixJobs.Long] = ResultFingerprint.Of(folder.Root, "long"),
        };
    }
}
