using System.Diagnostics;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Reading;
using Differential.Service.Queue;
using Differential.Service.Tests.Commands;
using Differential.Service.Tests.Queue;
using Differential.Service.Tests.Runs;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Tests.Cluster;

public sealed class UntilEmptyTests
{
    private const string Job = """{ "kind": "train", "seed": SEED, "device": "simd", "data": { "kind": "shapes", "count": 32, "size": 8 }, "model": { "kind": "linear" }, "epochs": 60, "batchSize": 8 }""";

    [Fact]
    public void Look_JobOfAnotherWorker_HoldsTheEndBack()
    {
        using var folder = new QueueFolder();
        using var lifetime = new Lifetime();
        var empty = new EmptyRoot(folder.Root, lifetime);
        (WorkerLease lease, JobQueue queue) = folder.Worker();
        folder.Drop("job.json");
        ActiveJob job = queue.Claim(folder.Scan().Ready[0])!;

        Assert.False(empty.Look(true));
        Assert.False(empty.Look(true));
        queue.Finish(job, Service.Jobs.JobState.Done);

        Assert.False(empty.Look(true));
        Assert.False(empty.Look(false));
        Assert.False(empty.Look(true));
        Assert.True(empty.Look(true));
        Assert.True(empty.IsReached && lifetime.IsStopped);
        lease.Release();
    }

    [Fact]
    public async Task Serve_UntilEmpty_EndsBehindTheLastJobWhateverBecameOfIt()
    {
        using var folder = new TestFolder();
        string incoming = Directory.CreateDirectory(folder.In("root/incoming")).FullName;
        File.WriteAllText(Path.Combine(incoming, "good.json"), Job.Replace("SEED", "1", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(incoming, "bad.json"), "{ \"kind\": \"no\" }");
        File.WriteAllText(Path.Combine(incoming, "never.json"), Job.Replace("\"seed\": SEED", "\"after\": [\"nobody\"]", StringComparison.Ordinal));

        ProgramRun run = await Executable.Run(folder.Path, "serve", "--root", "root", "--until-empty", "--threads", "1");

        Assert.True(run.Status == 0, run.Error);
        Assert.True(File.Exists(folder.In("root/done/good.json")));
        Assert.True(File.Exists(folder.In("root/failed/bad.json")));
        Assert.Contains("1 jobs wait for jobs that are not there", run.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Serve_TwoWorkersInNetworksOfTheirOwn_ShareTheJobsAndBothEnd()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Circumstances.Succeeds("/usr/bin/env", ["unshare", "--net", "true"]), "networks of their own need root on Linux");
        const int Jobs = 10;
        using var folder = new TestFolder();
        var root = new ServiceRoot(folder.In("root"));
        root.Create();
        for (int seed = 1; seed <= Jobs; seed++)
        {
            HandIn.Submit(root, TestJobs.Parse(Job.Replace("SEED", $"{seed}", StringComparison.Ordinal).Replace("\"epochs\": 60", "\"epochs\": 400", StringComparison.Ordinal), folder.Path));
        }

        using Process first = Start(root.Path);
        using Process second = Start(root.Path);
        Task<string> said = first.StandardError.ReadToEndAsync();
        Task<string> saidToo = second.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await first.WaitForExitAsync(limit.Token);
        await second.WaitForExitAsync(limit.Token);

        Assert.True((first.ExitCode, second.ExitCode) == (0, 0), await said + await saidToo);
        Assert.Equal(Jobs, Directory.GetFiles(root.Done, "*.json").Length);
        string[] workers = [.. Directory.GetDirectories(root.Runs).Select(run => JobTicket.Read(root, Path.GetFileName(run))!.Worker!).Distinct()];
        Assert.Equal(2, workers.Length);

        // One process with the same jobs leaves the same bits.
        for (int seed = 1; seed <= 2; seed++)
        {
            JobFile job = TestJobs.Parse(Job.Replace("SEED", $"{seed}", StringComparison.Ordinal).Replace("\"epochs\": 60", "\"epochs\": 400", StringComparison.Ordinal), folder.Path);
            TestJobs.Run(job, folder.In($"alone{seed}"));
            string model = SweepTexts.Models(folder.In($"alone{seed}"))[0];
            Assert.Contains(model, SweepTexts.Models(root.Runs));
        }
    }

    private static Process Start(string root) => Process.Start(
        new ProcessStartInfo("unshare", ["--net", Executable.Program, "serve", "--root", root, "--until-empty", "--threads", "1"]) { RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() })!;

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public bool IsStopped => _stopping.IsCancellationRequested;

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }
}
