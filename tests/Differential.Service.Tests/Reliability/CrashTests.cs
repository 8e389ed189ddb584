using System.Diagnostics;
using System.Globalization;
using Differential.Service.Queue;
using Differential.Service.Tests.Queue;
using Xunit.Abstractions;

namespace Differential.Service.Tests.Reliability;

/// <summary>
/// Kills the real service at random moments, and at named points where the build has them (-p:FaultInjection=true), and
/// compares what it leaves with an undisturbed run.
/// </summary>
[Trait("Category", "Long")]
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Rounds = 200;
    private const int Kinds = 4;

    private static readonly string[] Points =
        ["before-claim", "after-claim", "after-ticket", "after-count", "before-finish", "after-finish", "before-takeover", "after-takeover"];

    [SkippableFact]
    public void Serve_KilledAgainAndAgain_EndsWithOneUndisturbedResultForEachJob()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals");
        using var reference = new QueueFolder();
        using var folder = new QueueFolder();
        for (int kind = 0; kind < Kinds; kind++)
        {
            reference.Drop($"job-{kind}.json", Job(kind));
        }

        RunToTheEnd(reference, Kinds);
        string[] expected = [.. Enumerable.Range(0, Kinds).Select(kind => ResultFingerprint.Of(reference.Root, $"job-{kind}"))];

        var random = new Random(20261123);
        int dropped = 0;
        int kills = 0;
        var names = new List<string>();
        for (int round = 0; round < Rounds; round++)
        {
            if (Waiting(folder) < 6)
            {
                string name = $"round{round:000}-{dropped % Kinds}";
                folder.Drop(name + ".json", Job(dropped % Kinds));
                names.Add(name);
                dropped++;
            }

            bool named = round % 2 == 1;
            string fault = $"{Points[random.Next(Points.Length)]}:{random.Next(1, 3)}";
            using var service = ServiceProcess.Serve(folder.Root.Path, Settings(named ? fault : string.Empty));
            var clock = Stopwatch.StartNew();
            TimeSpan life = TimeSpan.FromMilliseconds(random.Next(100, 3000));
            while (clock.Elapsed < life && !service.HasExited)
            {
                Thread.Sleep(10);
            }

            kills += service.HasExited ? 1 : 0;
            service.Kill();
        }

        RunToTheEnd(folder, names.Count);

        Assert.Empty(Directory.GetFiles(folder.Root.Active, "*.json", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(folder.Root.Incoming));
        Assert.Empty(Directory.GetFiles(folder.Root.Failed));
        Assert.Equal(names.Order(), Directory.GetFiles(folder.Root.Done).Select(f => Path.GetFileNameWithoutExtension(f)!).Order());
        foreach (string name in names)
        {
            int kind = name[^1] - '0';
            Assert.True(ResultFingerprint.Of(folder.Root, name) == expected[kind], $"{name} differs from an undisturbed run");
        }

        output.WriteLine($"{Rounds} kills ({kills} of them at a named point), {names.Count} jobs, each with one result equal to an undisturbed run's");
    }

    [SkippableFact]
    public void Serve_KilledAtAnyMomentOnABusyMachine_NoJobIsBlamed()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals");
        const int JobsAtATime = 12;
        using var reference = new QueueFolder();
        using var folder = new QueueFolder();
        for (int kind = 0; kind < Kinds; kind++)
        {
            reference.Drop($"job-{kind}.json", Job(kind));
        }

        RunToTheEnd(reference, Kinds);
        string[] expected = [.. Enumerable.Range(0, Kinds).Select(kind => ResultFingerprint.Of(reference.Root, $"job-{kind}"))];
        using var busy = new BusyProcesses(4);
        int rounds = int.Parse(Environment.GetEnvironmentVariable("DIFFERENTIAL_CRASH_ROUNDS") ?? "300", CultureInfo.InvariantCulture);
        var random = new Random(20261128);
        var names = new List<string>();
        int starts = 0;
        for (int round = 0; round < rounds; round++)
        {
            while (Waiting(folder) < JobsAtATime)
            {
                names.Add($"job{names.Count:0000}-{names.Count % Kinds}");
                folder.Drop(names[^1] + ".json", Job((names.Count - 1) % Kinds));
            }

            using var service = ServiceProcess.Serve(folder.Root.Path, Settings(string.Empty));
            Thread.Sleep(random.Next(100, 4000));
            service.Kill();
        }

        busy.Dispose();
        RunToTheEnd(folder, names.Count);

        Assert.Empty(Directory.GetFiles(folder.Root.Failed));
        Assert.Empty(Directory.GetFiles(folder.Root.Active, "*.json", SearchOption.AllDirectories));
        Assert.Equal(names.Order(), Directory.GetFiles(folder.Root.Done).Select(f => Path.GetFileNameWithoutExtension(f)!).Order());
        foreach (string name in names)
        {
            starts += JobTicket.Read(folder.Root, name)!.Starts;
            Assert.True(ResultFingerprint.Of(folder.Root, name) == expected[name[^1] - '0'], $"{name} differs from an undisturbed run");
        }

        output.WriteLine($"{rounds} kills, {names.Count} jobs in {starts} starts, each with one result equal to an undisturbed run's");
    }

    [SkippableFact]
    public void Serve_JobThatAbortsInItsThirdStep_FailsAfterThreeStartsAndTheOthersEnd()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals");
        Skip.IfNot(FaultPoint.IsCompiledIn, "the abort is a fault point, which needs a build with -p:FaultInjection=true");
        using var folder = new QueueFolder();
        folder.Drop("killer.json", Job(1));
        int ends = 0;
        for (int start = 0; start < 10 && Ended(folder) < 1; start++)
        {
            using var service = ServiceProcess.Serve(folder.Root.Path, Settings("step:3:abort"));
            Wait.Until(() => service.HasExited || Ended(folder) == 1, TimeSpan.FromMinutes(2));
            if (service.HasExited)
            {
                ends++;
                folder.Drop($"other-{start}.json", Job(3));
            }
            else
            {
                Assert.Equal(130, service.Terminate(TimeSpan.FromSeconds(30)));
            }
        }

        Assert.Equal(3, JobTicket.Read(folder.Root, "killer")!.Starts);
        Assert.Equal(1, ends);
        Assert.Matches("the process ended 3 times .* signal 6", JobError.Read(folder.Root, "killer")!.Message);
        Assert.True(File.Exists(ServiceRoot.JobFile(folder.Root.Done, "other-0")));
        DateTime other = File.GetLastWriteTimeUtc(Path.Combine(folder.Root.RunFolder("other-0"), "result.json"));
        Assert.True(other < File.GetLastWriteTimeUtc(folder.Root.ErrorFile("killer")), "the other job had to wait");
    }

    [SkippableFact]
    public void Serve_OneOfTwoServicesStoppedAndContinued_EachJobEndsOnce()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals");
        using var reference = new QueueFolder();
        reference.Drop("job.json", Job(1));
        RunToTheEnd(reference, 1);
        string expected = ResultFingerprint.Of(reference.Root, "job");
        using var folder = new QueueFolder();
        const int Jobs = 12;
        for (int i = 0; i < Jobs; i++)
        {
            folder.Drop($"job-{i:00}.json", Job(1));
        }

        (string, string)[] settings = [.. Settings(string.Empty), ("DIFFERENTIAL__Queue__LeaseTimeout", "00:00:01"), ("DIFFERENTIAL__Queue__Heartbeat", "00:00:00.200")];
        using var first = ServiceProcess.Serve(folder.Root.Path, settings);
        Assert.True(Wait.Until(() => Directory.GetFiles(folder.Root.Active, "*.json", SearchOption.AllDirectories).Length > 0, TimeSpan.FromSeconds(30)));
        first.Pause();
        string[] held = [.. Directory.GetFiles(folder.Root.Active, "*.json", SearchOption.AllDirectories)];
        using var second = ServiceProcess.Serve(folder.Root.Path, settings);
        Assert.True(Wait.Until(() => held.All(f => !File.Exists(f)), TimeSpan.FromSeconds(60)), "the paused worker's jobs were not taken over");
        first.Continue();
        WaitForAll(folder, Jobs);
        Thread.Sleep(2000);
        Assert.Equal(130, first.Terminate(TimeSpan.FromSeconds(30)));
        Assert.Equal(130, second.Terminate(TimeSpan.FromSeconds(30)));

        Assert.Equal(Jobs, Directory.GetFiles(folder.Root.Done).Length);
        Assert.Empty(Directory.GetFiles(folder.Root.Failed));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root.Active));
        for (int i = 0; i < Jobs; i++)
        {
            Assert.Equal(expected, ResultFingerprint.Of(folder.Root, $"job-{i:00}"));
        }
    }

    [SkippableFact]
    public void Serve_TenThousandFilesAtOnce_TakesThemInOrderWithFlatMemory()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals");
        using var folder = new QueueFolder();
        const int Jobs = 10_000;
        DateTime noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        for (int i = 0; i < Jobs; i++)
        {
            // A mistake ends each at once, so that the queue is what is measured.
            folder.Drop($"job-{i:00000}.json", "{\"kind\":\"train\",\"epochs\":-1}", noon.AddSeconds(i));
        }

        using var service = ServiceProcess.Serve(folder.Root.Path, Settings(string.Empty));
        var clock = Stopwatch.StartNew();
        var marks = new List<(int Done, double Seconds, long Memory)>();
        for (int next = 2_000; next <= Jobs; next += 2_000)
        {
            int wanted = next;
            Assert.True(Wait.Until(() => Ended(folder) >= wanted, TimeSpan.FromMinutes(5)), $"{Ended(folder)} of {wanted} jobs ended in time");
            using var process = Process.GetProcessById(service.Id);
            marks.Add((next, clock.Elapsed.TotalSeconds, process.WorkingSet64));
        }

        foreach ((int done, double seconds, long memory) in marks)
        {
            output.WriteLine($"{done} jobs after {seconds:0.0} s, {memory >> 20} MiB");
        }

        DateTime[] times = [.. Enumerable.Range(0, Jobs).Select(i => JobTicket.Read(folder.Root, $"job-{i:00000}")!.Claimed.UtcDateTime)];
        Assert.Equal(times.Order(), times);
        Assert.True(marks[^1].Memory < marks[0].Memory * 2, "memory grows with the number of jobs done");
    }

    private static int Ended(QueueFolder folder) => Directory.GetFiles(folder.Root.Failed, "*.json").Length;

    private static (string, string)[] Settings(string fault) =>
        [("DIFFERENTIAL_FAULT", fault), ("DIFFERENTIAL__Queue__MinimumFreeBytes", "0"), ("DIFFERENTIAL__LogFile__Enabled", "false")];

    // Two trainings, an attack-free comparison and a theory job: small enough for many, long enough to be hit in the middle.
    private static string Job(int kind) => kind switch
    {
        0 => """{ "kind": "train", "data": { "kind": "affine" }, "model": { "kind": "linear" }, "epochs": 300, "batchSize": 8 }""",
        1 => """{ "kind": "train", "data": { "kind": "shapes", "count": 400, "size": 12 }, "model": { "kind": "small" }, "loss": { "kind": "crossEntropy" }, "epochs": 6, "batchSize": 32 }""",
        2 => """{ "kind": "compare", "data": { "kind": "shapes", "count": 64, "size": 8 }, "model": { "kind": "small" }, "epochs": 3, "batchSize": 16, "losses": [ { "kind": "crossEntropy" }, { "kind": "differential" } ], "attacks": [ { "kind": "pgd", "norm": "l2", "epsilons": [0.5], "steps": 5 } ], "limit": 10 }""",
        _ => """{ "kind": "theory", "data": { "kind": "affine" } }""",
    };

    private static int Waiting(QueueFolder folder) =>
        Directory.GetFiles(folder.Root.Incoming).Length + Directory.GetFiles(folder.Root.Active, "*.json", SearchOption.AllDirectories).Length;

    private static void RunToTheEnd(QueueFolder folder, int jobs)
    {
        using var service = ServiceProcess.Serve(folder.Root.Path, Settings(string.Empty));
        WaitForAll(folder, jobs);
        Assert.Equal(130, service.Terminate(TimeSpan.FromSeconds(30)));
    }

    private static void WaitForAll(QueueFolder folder, int jobs) => Assert.True(
        Wait.Until(() => Directory.GetFiles(folder.Root.Done).Length + Directory.GetFiles(folder.Root.Failed, "*.json").Length >= jobs, TimeSpan.FromMinutes(10)),
        $"{Directory.GetFiles(folder.Root.Done).Length} of {jobs} jobs ended in time");

    /// <summary>Processes that compute and nothing else.</summary>
    private sealed class BusyProcesses(int count) : IDisposable
    {
        private readonly List<Process> _processes = [.. Enumerable.Range(0, count).Select(_ => Process.Start("nice", ["-n", "5", "sh", "-c", "while :; do :; done"]))];

        public void Dispose()
        {
            foreach (Process process in _processes)
            {
                process.Kill();
                process.WaitForExit();
            }

            _processes.Clear();
        }
    }
}
