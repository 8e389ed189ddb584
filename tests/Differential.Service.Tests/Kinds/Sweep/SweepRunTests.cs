using System.Text.Json.Nodes;
using Differential.Core.Data;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Reading;
using Differential.Service.Kinds.Sweep;
using Differential.Service.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Tests.Kinds.Sweep;

public sealed class SweepRunTests : IDisposable
{
    private const string Job = """
        { "kind": "sweep", "name": "small", "tensorboard": true, "learningRates": [0.05, 0.1], "seeds": [1, 2],
          "job": { "kind": "train", "data": { "kind": "shapes", "count": 16, "size": 8 }, "model": { "kind": "linear" }, "epochs": 2, "batchSize": 8 } }
        """;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "differential-tests", Guid.NewGuid().ToString("N"));

    [Fact]
    public void Run_Grid_RunsEachJobAndCollectsTheirResults()
    {
        JobReport report = Run(Job);

        JsonArray jobs = Result()["jobs"]!.AsArray();
        Assert.Equal(4, jobs.Count);
        Assert.Equal([0.05, 0.05, 0.1, 0.1], jobs.Select(j => (double)j!["fields"]!["optimizer.learningRate"]!));
        Assert.All(jobs, j => Assert.InRange((double)j!["result"]!["testAccuracy"]!, 0, 1));
        Assert.Equal((double)JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "jobs", "3", "result.json")))!["loss"]!, (double)jobs[2]!["result"]!["loss"]!);
        Assert.IsType<SweepOutcome>(report.Outcome);
        Assert.Equal(8, File.ReadLines(Path.Combine(_folder, "metrics.jsonl")).Count());
        Assert.Equal(4, Directory.GetDirectories(Path.Combine(_folder, "tensorboard")).Length);
        Assert.Contains("learningRate ▾", System.Net.WebUtility.HtmlDecode(File.ReadAllText(Path.Combine(_folder, "report.html"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_AfterAnInterruption_GoesOnWithoutRedoingFinishedJobs()
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(Job, new StopAfter(stop, epochs: 5), stop.Token));
        DateTime first = File.GetLastWriteTimeUtc(Path.Combine(_folder, "jobs", "1", "result.json"));

        Run(Job);

        Assert.Equal(first, File.GetLastWriteTimeUtc(Path.Combine(_folder, "jobs", "1", "result.json")));
        string interrupted = Bits(_folder);
        Directory.Delete(_folder, recursive: true);
        Run(Job);
        Assert.Equal(Bits(_folder), interrupted);
    }

    [Fact]
    public void Run_JobThatFails_IsARowAndDoesNotStopTheOthers()
    {
        Run("""
            { "kind": "sweep", "fields": { "data.path": ["good.csv", "missing.csv"] },
              "job": { "kind": "theory", "iterations": 10, "data": { "kind": "points", "path": "x" } } }
            """);

        JsonArray jobs = Result()["jobs"]!.AsArray();
        Assert.Equal(["done", "failed"], jobs.Select(j => (string)j!["status"]!));
        Assert.Contains("missing.csv", (string)jobs[1]!["error"]!, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string Bits(string folder) => string.Join('\n', Enumerable.Range(1, 4).Select(n =>
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "jobs", $"{n}", "model.safetensors"))))));

    private JsonNode Result() => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "result.json")))!;

    private JobReport Run(string job, JobObserver? observer = null, CancellationToken cancellation = default)
    {
        string inputs = Directory.CreateDirectory(_folder + "-inputs").FullName;
        try
        {
            File.WriteAllText(Path.Combine(inputs, "good.csv"), "1,2,0\n1,3,1\n-1,-2,0\n-1,-3,-1\n");
            using IHost host = AppHost.Create(new GlobalOptions { Device = "simd", Threads = 1 });
            JobFile file = JobReader.Parse(System.Text.Encoding.UTF8.GetBytes(job), "sweep.json", new PathPolicy(inputs));
            return host.Services.GetRequiredService<JobRunner>().Run(new JobRequest { Job = file, Folder = _folder }, observer ?? new CompositeObserver(), cancellation);
        }
        finally
        {
            Directory.Delete(inputs, recursive: true);
        }
    }

    private sealed class StopAfter(CancellationTokenSource stop, int epochs) : JobObserver
    {
        private int _epochs;

        public override void EpochDone(string? model, Core.Training.EpochReport report)
        {
            if (++_epochs == epochs)
            {
                stop.Cancel();
            }
        }
    }
}
