using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Observability;
using Differential.Service.Queue;
using Differential.Service.Runs;
using Differential.Service.Tests.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Tests.Limits;

/// <summary>What the service itself opens for a job: every field that holds a path, and each way out of the allowed roots.</summary>
public sealed class AllowedRootsTests : IDisposable
{
    private readonly QueueFolder _folder = new();
    private readonly string _outside = Directory.CreateTempSubdirectory("outside").FullName;

    public AllowedRootsTests()
    {
        string data = Directory.CreateDirectory(Path.Combine(_folder.Root.Path, "data")).FullName;
        File.WriteAllText(Path.Combine(_outside, "secret.csv"), "1,1\n-1,2\n");
        File.WriteAllText(Path.Combine(data, "points.csv"), "1,1\n-1,2\n");
        File.CreateSymbolicLink(Path.Combine(data, "link.csv"), Path.Combine(_outside, "secret.csv"));
        Directory.CreateSymbolicLink(Path.Combine(data, "folder"), _outside);
    }

    public static TheoryData<string, string> Escapes()
    {
        var cases = new TheoryData<string, string>();
        string[] jobs =
        [
            """{ "kind": "train", "data": { "kind": "points", "path": "PATH" } }""",
            """{ "kind": "train", "data": { "kind": "points", "path": "../data/points.csv", "testPath": "PATH" } }""",
            """{ "kind": "train", "data": { "kind": "cifar10", "path": "PATH", "positive": 0, "negative": 1 } }""",
            """{ "kind": "theory", "data": { "kind": "points", "path": "PATH" } }""",
            """{ "kind": "attack", "model": "PATH", "data": { "kind": "affine" }, "attacks": [{ "kind": "deepFool" }] }""",
            """{ "kind": "sweep", "seeds": [1], "job": { "kind": "train", "data": { "kind": "points", "path": "PATH" } } }""",
        ];
        foreach (string job in jobs)
        {
            foreach (string path in (string[])["../../outside.csv", "/etc/passwd", "../data/link.csv", "../data/folder/secret.csv", "../data/../../../../etc/passwd"])
            {
                cases.Add(job, path);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public async Task Service_PathOutOfTheRoots_IsRefusedAndNothingIsRun(string job, string path)
    {
        InputException refused = await Assert.ThrowsAsync<InputException>(() => RunAsync(job.Replace("PATH", path, StringComparison.Ordinal)));

        Assert.Contains("leads out of the allowed folders", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Root.RunFolder("job")));
    }

    [Fact]
    public async Task Service_PathWithinTheRoots_IsRead() =>
        Assert.Equal(JobState.Done, await RunAsync("""{ "kind": "theory", "iterations": 5, "data": { "kind": "points", "path": "../data/points.csv" } }"""));

    public void Dispose()
    {
        _folder.Dispose();
        Directory.Delete(_outside, recursive: true);
    }

    private async Task<JobState> RunAsync(string job)
    {
        Directory.CreateDirectory(_folder.Root.WorkerFolder("w"));
        string file = ServiceRoot.JobFile(_folder.Root.WorkerFolder("w"), "job");
        await File.WriteAllTextAsync(file, job);
        var options = new ServiceOptions { Root = _folder.Root.Path };
        options.AllowedRoots.Add(Path.Combine(_folder.Root.Path, "data"));
        using IHost host = AppHost.Create(new GlobalOptions { Device = "simd", Threads = 1 });
        IServiceProvider services = host.Services;
        var runner = new QueuedJobRunner(
            services.GetRequiredService<JobRunner>(), new JobProcess(_folder.Root, new AppSettings()), _folder.Root, options, services.GetRequiredService<ServiceMeter>(), services.GetRequiredService<LiveJobs>(), TimeProvider.System);
        return await runner.RunAsync(new ActiveJob("job", file, _folder.Root.RunFolder("job")), null, isAlone: false, new Signals());
    }

    private sealed class Signals : IJobSignals
    {
        public CancellationToken StopToken => CancellationToken.None;

        public bool IsCancelled => false;
    }
}
