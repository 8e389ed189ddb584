using System.Collections.Concurrent;
using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Queue;
using Microsoft.Extensions.Logging.Abstractions;

namespace Differential.Service.Tests.Queue;

public sealed class QueueServiceTests
{
    [Fact]
    public async Task Serve_SeveralJobs_RunsEachOnceInOrderAndGoesOnAfterAFailure()
    {
        using var folder = new QueueFolder();
        DateTime noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        folder.Drop("a.json", modified: noon);
        folder.Drop("bad.json", modified: noon.AddMinutes(1));
        folder.Drop("c.json", modified: noon.AddMinutes(2));
        folder.Drop("first.json", "{\"priority\":5}", noon.AddMinutes(3));
        var runner = new Runner { Fails = id => id == "bad" ? new InputException("bad.json", "$", "x", "y") : null };

        await ServeAsync(folder, runner, () => Ended(folder) == 4);

        Assert.Equal(["first", "a", "bad", "c"], runner.Started);
        Assert.True(File.Exists(folder.Root.ErrorFile("bad")));
        Assert.Equal(3, Directory.GetFiles(folder.Root.Done).Length);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root.Active));
    }

    [Fact]
    public async Task Serve_FileDroppedWhileRunning_IsTaken()
    {
        using var folder = new QueueFolder();
        var runner = new Runner();
        bool dropped = false;

        await ServeAsync(folder, runner, () =>
        {
            if (!dropped)
            {
                dropped = true;
                folder.Drop("late.json");
            }

            return Ended(folder) == 1;
        });

        Assert.Equal(["late"], runner.Started);
    }

    [Fact]
    public async Task Serve_StoppedInTheMiddle_LeavesTheJobToTheNextServiceUncounted()
    {
        using var folder = new QueueFolder();
        folder.Drop("long.json");
        var patient = new Runner { Waits = true };
        await ServeAsync(folder, patient, () => !patient.Started.IsEmpty);
        Assert.Equal(0, Ended(folder));
        Assert.Equal(0, JobTicket.Read(folder.Root, "long")!.Attempts);

        var runner = new Runner();
        await ServeAsync(folder, runner, () => Ended(folder) == 1);

        Assert.Equal(["long"], runner.Started);
        Assert.True(File.Exists(ServiceRoot.JobFile(folder.Root.Done, "long")));
    }

    [Fact]
    public async Task Serve_CancelMarker_EndsARunningJobAsCancelled()
    {
        using var folder = new QueueFolder();
        folder.Drop("long.json");
        var runner = new Runner { Waits = true };

        await ServeAsync(folder, runner, () =>
        {
            if (folder.Root.FindActive("long") is { } file && !runner.Started.IsEmpty)
            {
                File.WriteAllText(Path.ChangeExtension(file, ".cancel"), string.Empty);
            }

            return Ended(folder) == 1;
        });

        Assert.True(File.Exists(ServiceRoot.JobFile(folder.Root.Cancelled, "long")));
    }

    [Fact]
    public async Task Serve_JobThatWaitsForAnother_RunsAfterItAndFailsWhereThatFailed()
    {
        using var folder = new QueueFolder();
        DateTime noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        folder.Drop("attack.json", "{\"after\":[\"train\"],\"priority\":9}", noon);
        folder.Drop("orphan.json", "{\"after\":[\"broken\"]}", noon);
        folder.Drop("train.json", modified: noon.AddMinutes(1));
        folder.Drop("broken.json", modified: noon.AddMinutes(2));
        var runner = new Runner { Fails = id => id == "broken" ? new InvalidDataException("no") : null };

        await ServeAsync(folder, runner, () => Ended(folder) == 4);

        Assert.Equal(["train", "attack", "broken"], runner.Started);
        Assert.Equal("$.after", JobError.Read(folder.Root, "orphan")!.Place);
    }

    [Fact]
    public async Task Serve_JobWhoseOwnProcessEndsAgainAndAgain_EndsAsFailedAfterTheOthers()
    {
        using var folder = new QueueFolder();
        folder.Drop("killer.json");
        (WorkerLease lease, JobQueue queue) = folder.Worker();
        queue.CountStart(queue.Claim(folder.Scan().Ready[0])!);
        lease.Release();
        folder.Drop("other.json");
        var runner = new Runner { Fails = id => id == "killer" ? new JobProcessException("signal 6") : null };

        await ServeAsync(folder, runner, () => Ended(folder) == 2);

        Assert.Equal(["other", "killer", "killer"], runner.Started);
        Assert.Equal(["killer", "killer"], runner.Alone);
        string message = JobError.Read(folder.Root, "killer")!.Message;
        Assert.Contains("the process ended 3 times", message, StringComparison.Ordinal);
        Assert.Contains("signal 6", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_FileThatCannotBeWrittenThoughTheRootIsWell_FailsTheJobAfterSeveralStarts()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        folder.Drop("other.json");
        var runner = new Runner { Fails = id => id == "job" ? new UnauthorizedAccessException("somewhere else") : null };

        await ServeAsync(folder, runner, () => Ended(folder) == 2);

        Assert.Equal(3, runner.Started.Count(id => id == "job"));
        Assert.Equal("somewhere else", JobError.Read(folder.Root, "job")!.Message);
    }

    [Fact]
    public async Task Serve_ResultOnDiskFromBeforeACrash_IsNotRunAgain()
    {
        using var folder = new QueueFolder();
        (WorkerLease lease, JobQueue queue) = folder.Worker();
        folder.Drop("job.json");
        ActiveJob job = queue.Claim(folder.Scan().Ready[0])!;
        File.WriteAllText(Path.Combine(job.RunFolder, "result"), string.Empty);
        lease.Release();
        var runner = new Runner();

        await ServeAsync(folder, runner, () => Ended(folder) == 1);

        Assert.Empty(runner.Started);
        Assert.True(File.Exists(ServiceRoot.JobFile(folder.Root.Done, "job")));
    }

    [Fact]
    public async Task Serve_JobForADeviceWithoutSlot_FailsWithTheWorkersNamed()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json", "{\"device\":\"cuda\"}");
        var options = new ServiceOptions { Root = folder.Root.Path };
        options.Workers["simd"] = 2;

        await ServeAsync(folder, new Runner(), () => Ended(folder) == 1, options);

        Assert.Contains("its workers: simd", JobError.Read(folder.Root, "job")!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_DiskFullInAJob_KeepsTheJobAndRunsItAgain()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        int calls = 0;
        var runner = new Runner { Fails = _ => Interlocked.Increment(ref calls) == 1 ? new IOException("No space left on device", 28) : null };

        await ServeAsync(folder, runner, () => Ended(folder) == 1);

        Assert.Equal(["job", "job"], runner.Started);
        Assert.True(File.Exists(ServiceRoot.JobFile(folder.Root.Done, "job")));
    }

    [SkippableTheory]
    [InlineData("../aim")]
    [InlineData("nowhere")]
    [InlineData("link.json")]
    public async Task Serve_Link_FailsWithoutBeingStarted(string target)
    {
        Skip.If(OperatingSystem.IsWindows(), "links need rights there");
        using var folder = new QueueFolder();
        string aim = Path.Combine(folder.Root.Path, "aim");
        await File.WriteAllTextAsync(aim, "{}");
        File.CreateSymbolicLink(Path.Combine(folder.Root.Incoming, "link.json"), target);
        var runner = new Runner();

        await ServeAsync(folder, runner, () => Ended(folder) == 1);

        Assert.Empty(runner.Started);
        Assert.Equal("link.json: file: a link; allowed: a regular file", JobError.Read(folder.Root, "link")!.Message);
        Assert.Equal("{}", await File.ReadAllTextAsync(aim));
    }

    private static int Ended(QueueFolder folder) =>
        new[] { folder.Root.Done, folder.Root.Failed, folder.Root.Cancelled }.Sum(f => Directory.GetFiles(f, "*.json").Length);

    private static async Task ServeAsync(QueueFolder folder, Runner runner, Func<bool> until, ServiceOptions? options = null)
    {
        options ??= new ServiceOptions { Root = folder.Root.Path };
        options.Queue.RescanInterval = TimeSpan.FromMilliseconds(200);
        options.Queue.MaxAttempts = folder.Options.MaxAttempts;
        options.Queue.MinimumFreeBytes = 0;
        using var service = new QueueService(folder.Root, options, runner, TimeProvider.System, NullLogger<QueueService>.Instance);
        await service.StartAsync(CancellationToken.None);
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!until())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), "the jobs did not end in time");
            await Task.Delay(20);
        }

        await service.StopAsync(CancellationToken.None);
    }

    private sealed class Runner : IJobRunner
    {
        public ConcurrentQueue<string> Started { get; } = [];

        public ConcurrentQueue<string> Alone { get; } = [];

        public bool Waits { get; init; }

        public Func<string, Exception?> Fails { get; init; } = _ => null;

        public string? ProgressOf(string runFolder) => null;

        public bool IsFinished(string runFolder) => File.Exists(Path.Combine(runFolder, "result"));

        public async Task<JobState> RunAsync(ActiveJob job, string? device, bool isAlone, IJobSignals signals)
        {
            Started.Enqueue(job.Id);
            if (isAlone)
            {
                Alone.Enqueue(job.Id);
            }

            if (Fails(job.Id) is { } error)
            {
                throw error;
            }

            if (Waits)
            {
                await Task.Delay(Timeout.Infinite, signals.StopToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return signals.IsCancelled ? JobState.Cancelled : JobState.Interrupted;
            }

            return JobState.Done;
        }
    }
}
