using System.Text.RegularExpressions;
using Differential.Core.Training;
using Differential.Service.Progress;
using Differential.Service.Runs;
using Differential.Service.Tests.Runs;

namespace Differential.Service.Tests.Progress;

/// <summary>Jobs pass through their whole plan, silent phases included.</summary>
public sealed partial class JobPlanTests
{
    private const string Compare =
        """
        { "kind": "compare", "name": "p", "data": { "kind": "shapes", "count": 60, "size": 8 }, "model": { "kind": "linear" }, "epochs": 2, "batchSize": 16,
          "attacks": [ { "kind": "fgsm", "epsilons": [0.1, 0.2] }, { "kind": "deepFool" } ], "split": "test", "limit": 5, "checkSamples": 5 }
        """;

    [Fact]
    public void Run_Comparison_GoesThroughEveryPhaseOfBothNetworks()
    {
        using var folder = new TestFolder();
        var seen = new Recorder();

        TestJobs.Run(TestJobs.Parse(Compare, folder.Path), folder.In("run"), seen);

        string[] expected =
        [
            "epoch 1/2", "equal accuracy, epoch 1/2", "attack 1/2", "attack 2/2", "certificates", "check 1/11",
        ];
        Assert.Equal(expected.Select(e => $"network 1/2 · {e}").Concat(expected.Select(e => $"network 2/2 · {e}")), seen.Firsts());
        Assert.True(seen.Told.Zip(seen.Told.Skip(1)).All(static pair => pair.First.Fraction <= pair.Second.Fraction));
        Assert.Equal(1, seen.Told[^1].Fraction);
        Assert.False(File.Exists(folder.In("run/progress.json")));
    }

    [Fact]
    public void Run_Sweep_CountsItsJobsAndSaysWhereEachStands()
    {
        using var folder = new TestFolder();
        var seen = new Recorder();

        TestJobs.Run(
            TestJobs.Parse("""{ "kind": "sweep", "seeds": [1, 2, 3], "job": { "kind": "train", "data": { "kind": "shapes", "count": 60, "size": 8 }, "model": { "kind": "linear" }, "epochs": 4000, "batchSize": 16 } }""", folder.Path),
            folder.In("run"),
            seen);

        Assert.Equal(["job 1/3", "job 2/3", "job 3/3"], seen.Told.Select(p => p.Where.Split(" · ")[0]).Where(static w => w.Length > 0).Distinct());
        Assert.Contains(seen.Told, p => p.Where.StartsWith("job 2/3 · epoch ", StringComparison.Ordinal));
        Assert.Equal(1, seen.Told[^1].Fraction);
    }

    [Fact]
    public void Run_Interrupted_LeavesHowFarItCame()
    {
        using var folder = new TestFolder();
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => TestJobs.Run(
            TestJobs.Parse("""{ "kind": "train", "data": { "kind": "shapes", "count": 60, "size": 8 }, "model": { "kind": "linear" }, "epochs": 500, "batchSize": 16 }""", folder.Path),
            folder.In("run"),
            new StopAt(stop, 3),
            cancellation: stop.Token));

        JobProgress? left = ProgressFile.Read(folder.In("run/progress.json"));
        Assert.NotNull(left);
        Assert.InRange(left.Fraction, 0, 0.5);
    }

    private sealed partial class Recorder : JobObserver
    {
        public List<JobProgress> Told { get; } = [];

        public override void Progressed(JobProgress progress) => Told.Add(progress);

        /// <summary>The first that was told of each phase, numbers of its parts aside.</summary>
        public IEnumerable<string> Firsts() => Told.Select(p => p.Where).Where(static w => w.Length > 0)
            .GroupBy(static w => Counted().Replace(w, "$1"))
            .Select(static g => g.First());

        [GeneratedRegex(@"(epoch|check) \d+/")]
        private static partial Regex Counted();
    }

    private sealed class StopAt(CancellationTokenSource stop, int epoch) : JobObserver
    {
        public override void EpochDone(string? model, EpochReport report)
        {
            if (report.Epoch == epoch)
            {
                stop.Cancel();
            }
        }
    }
}
