using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Differential.Service.Cluster;
using Differential.Service.Jobs;
using Differential.Service.Runs;
using Differential.Service.Tests.Commands;
using Differential.Service.Tests.Runs;

namespace Differential.Service.Tests.Cluster.Slurm;

/// <summary>A sweep on a real Slurm of three nodes that the test starts: whatever happens to its jobs, the table and the models are those of one process.</summary>
[SupportedOSPlatform("linux")]
[Trait("Category", "Slurm")]
public sealed class RealSlurmTests : IDisposable
{
    private const int Epochs = 4000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly TestFolder _folder = new();
    private SlurmCluster? _cluster;

    // Seven long trainings and five short ones.
    private static string Sweep => $$"""
        { "kind": "sweep", "name": "twelve", "device": "simd",
          "fields": { "epochs": [{{string.Join(", ", Enumerable.Range(0, 7).Select(i => Epochs + i))}}, 21, 22, 23, 24, 25] },
          "job": { "kind": "train", "data": { "kind": "shapes", "count": 64, "size": 8 }, "model": { "kind": "linear" }, "batchSize": 8 } }
        """;

    private FrozenSweep Frozen => FrozenSweep.Open(_folder.In("out"));

    [SkippableFact]
    public async Task Sweep_OfTwelveJobsThatMuchHappensTo_EndsAsInOneProcess()
    {
        string? reason = SlurmCluster.WhyMissing();
        Skip.If(reason is not null, reason);
        _folder.Write("sweep.json", Sweep);
        Task<ProgramRun> whole = Executable.Run(_folder.Path, TimeSpan.FromMinutes(15), "run", "sweep.json", "--threads", "1", "--output", "whole");
        _cluster = SlurmCluster.Start(_folder.In("cluster"), nodes: 3);
        SlurmCluster cluster = _cluster;
        ProgramRun handedIn = await Run("slurm", "sweep.json", "--output", "out", "--", "--partition=main");
        Assert.True(handedIn.Status == 0, handedIn.Error);
        string array = Submitted(0);

        // Two elements on each of the three nodes, in the middle of their trainings.
        Until(() => SweepFiles.Look(Frozen).Take(6).All(j => j.Epoch > 1), "the first six jobs are at work");
        Dictionary<int, string> nodes = Nodes(array);
        ILookup<string, int> elements = nodes.ToLookup(n => n.Value, n => n.Key);
        Assert.Equal(3, elements.Count);
        const int limited = 1;
        int requeued = elements[nodes[limited]].Single(n => n != limited);
        string[] names = [.. elements.Select(n => n.Key).Where(n => n != nodes[limited]).Order(StringComparer.Ordinal)];
        int orphan = elements[names[1]].Min();

        // A time limit that comes close, a requeue in the middle, a node that dies with its jobs, and one whose daemon alone dies.
        // Slurm looks at time limits twice a minute: until then the job stands still, however fast the machine.
        int program = Assert.Single(cluster.ProgramsOf(nodes[limited], limited));
        SlurmCluster.Signal("STOP", program);
        cluster.Ask("scontrol", "update", $"JobId={array}_{limited}", "TimeLimit=1");
        cluster.Ask("scontrol", "requeue", $"{array}_{requeued}");
        cluster.KillNode(names[0]);
        cluster.KillDaemon(names[1]);
        int[] paused = [.. cluster.ProcessesOf(names[1], orphan)];
        Assert.NotEmpty(paused);
        foreach (int process in paused)
        {
            SlurmCluster.Signal("STOP", process);
        }

        // The seventh has the requeued one's place. It is cancelled for good once it is at work.
        Until(() => SweepFiles.Look(Frozen)[6] is { State: TaskState.Running, Epoch: > 1 }, "the seventh job is at work");
        cluster.Ask("scancel", $"{array}_7");
        Until(() => SweepFiles.Look(Frozen)[6].State == TaskState.Interrupted, "the seventh job has stopped");

        Until(() => SlurmCluster.WaitsToTerminate(program), "the time limit's signal has come");
        SlurmCluster.Signal("CONT", program);
        Until(() => SweepFiles.Look(Frozen)[limited - 1].State == TaskState.Interrupted, "the job with a time limit has stopped");
        cluster.Ask("scontrol", "update", $"JobId={array}_{limited}", "TimeLimit=60");

        // Another node takes the dead one's place: to one that comes back at once Slurm would still send the end of its former jobs.
        cluster.StartNode("n4");
        Until(() => Hurry(array) && Log(array, orphan).Contains("waits for it", StringComparison.Ordinal), "the orphan's copy waits for it");
        foreach (int process in paused)
        {
            SlurmCluster.Signal("CONT", process);
        }

        Until(() => Hurry(array) && SweepFiles.Look(Frozen).Count(j => j.State == TaskState.Done) == 11, "eleven jobs are done");
        Until(() => File.Exists(_folder.In("out/result.json")), "the table is collected");
        Assert.Equal("interrupted", (string)JsonNode.Parse(File.ReadAllText(_folder.In("out/result.json")))!["status"]!);

        // The same command goes on with what was cancelled, and with nothing else.
        ProgramRun again = await Run("slurm", "sweep.json", "--output", "out", "--", "--partition=main");
        Assert.StartsWith("1 jobs on simd: array ", again.Output, StringComparison.Ordinal);
        Until(() => (string)JsonNode.Parse(File.ReadAllText(_folder.In("out/result.json")))!["status"]! == "done", "the whole table is collected");

        Assert.Equal(0, (await whole).Status);
        Assert.Equal(12, SweepTexts.Models(_folder.In("out/jobs")).Count);
        Assert.Equal(SweepTexts.Models(_folder.In("whole/jobs")), SweepTexts.Models(_folder.In("out/jobs")));
        Assert.Equal(TestJobs.Result(_folder.In("whole")), TestJobs.Result(_folder.In("out")));
        Assert.All((int[])[limited, requeued, orphan, 7, .. elements[names[0]]], n => Assert.True(RunAttempt.Read(Frozen.TaskFolder(n))!.Number > 1, $"job {n} was begun once"));
        Assert.Contains("has taken the run over; this one stops", Log(array, orphan), StringComparison.Ordinal);
        Assert.Contains("interrupted", Log(array, limited), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _cluster?.Dispose();
        _folder.Dispose();
    }

    private Task<ProgramRun> Run(params string[] arguments) => Executable.Run(
        _folder.Path, new Circumstances { Variables = new Dictionary<string, string> { ["SLURM_CONF"] = _cluster!.Configuration } }, arguments);

    private string Submitted(int round) => (string)JsonNode.Parse(File.ReadAllText(_folder.In("out/slurm/submission.json")))!["rounds"]![round]!["arrays"]![0]!["id"]!;

    private string Log(string array, int element)
    {
        string path = _folder.In($"out/slurm/logs/{array}_{element}.out");
        return File.Exists(path) ? File.ReadAllText(path) : string.Empty;
    }

    private Dictionary<int, string> Nodes(string array) => _cluster!.Ask("squeue", "-h", "-r", "-j", array, "-t", "R", "-o", "%K %N").Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' ')).ToDictionary(line => int.Parse(line[0], System.Globalization.CultureInfo.InvariantCulture), line => line[1]);

    // Slurm holds what was requeued for two minutes.
    private bool Hurry(string array)
    {
        foreach (string element in _cluster!.Ask("squeue", "-h", "-r", "-j", array, "-t", "PD", "-o", "%i|%r").Split('\n').Where(l => l.EndsWith("|BeginTime", StringComparison.Ordinal)))
        {
            _cluster.Ask("scontrol", "update", $"JobId={element.Split('|')[0]}", "StartTime=now");
        }

        return true;
    }

    private void Until(Func<bool> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < Patience, $"waited in vain until {what}:\n{State()}");
            Thread.Sleep(300);
        }
    }

    private string State() => string.Join('\n', SweepFiles.Look(Frozen).Select(j => $"{j.Job.Number} {j.State} epoch {j.Epoch} attempt {j.Attempts} {j.Header?.Error}"))
        + "\n" + _cluster!.Ask("squeue", "-r", "-t", "all") + "\n" + _cluster.Logs()
        + "\n" + string.Join('\n', Directory.GetFiles(_folder.In("out/slurm/logs")).Select(f => $"== {Path.GetFileName(f)}\n" + string.Join('\n', File.ReadLines(f).TakeLast(20))));
}
