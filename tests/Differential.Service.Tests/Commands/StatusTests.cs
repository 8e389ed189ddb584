using System.Text.Json.Nodes;
using Differential.Service.Queue;

namespace Differential.Service.Tests.Commands;

/// <summary><c>differential status</c> of a job that runs: how far the whole job is, as the run's folder says.</summary>
public sealed class StatusTests
{
    private const string Progress = """{ "fraction": 0.427, "secondsLeft": 240, "where": "network 1/2 · attack 3/6" }""";

    [Fact]
    public async Task Status_JobUnderWay_SaysTheWholeJobsProgressAsTextAndJson()
    {
        using var folder = new TestFolder();
        var root = new ServiceRoot(folder.In("service"));
        root.Create();
        Directory.CreateDirectory(root.WorkerFolder("w"));
        Directory.CreateDirectory(root.RunFolder("busy"));
        await File.WriteAllTextAsync(ServiceRoot.JobFile(root.WorkerFolder("w"), "busy"), "{}");
        await File.WriteAllTextAsync(Path.Combine(root.RunFolder("busy"), "progress.json"), Progress);
        await File.WriteAllTextAsync(Path.Combine(root.RunFolder("busy"), "metrics.jsonl"), """{"step":10,"trainAccuracy":0.978,"imagesPerSecond":12705.9475}""" + "\n");

        ProgramRun all = await Executable.Run(folder.Path, "status", "--root", "service");
        ProgramRun one = await Executable.Run(folder.Path, "status", "bus", "--json", "--root", "service");

        // The worker is gone: where the job stands is known, how long it will take is not.
        Assert.Contains("busy  interrupted (goes on at the next start), 42 % · network 1/2 · attack 3/6: step 10, train accuracy 97.8 %, images per second 12,706", all.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("left", all.Output, StringComparison.Ordinal);
        Assert.Equal(0.427, (double)JsonNode.Parse(one.Output)!["progress"]!["fraction"]!);
    }
}
