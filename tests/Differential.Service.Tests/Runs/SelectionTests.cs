using CsCheck;
using System.Text.Json.Nodes;
using Differential.Core.Losses;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Kinds.Compare;

namespace Differential.Service.Tests.Runs;

/// <summary>Comparisons that select a setting of each loss on held-out samples.</summary>
public class SelectionTests
{
    private const string Job = """
        {"kind":"compare","data":{"kind":"shapes","count":160,"size":8,"validation":0.25,"imbalance":6},"seeds":[1,2],"batches":"natural","batchSize":8,"epochs":2,
         "model":{"kind":"network","layers":[{"kind":"dense","units":8,"lipschitz":true},{"kind":"maxMin"},{"kind":"dense","units":1,"lipschitz":true}]},
         "optimizer":{"kind":"adam","learningRate":0.01},"threshold":{"for":"balancedAccuracy"},"keep":"best",
         "entries":[{"name":"pairs","loss":{"kind":"differential","temperature":[2,8],"margin":0.5}},
                    {"name":"weighted","batches":"proportional","loss":{"kind":"crossEntropy","classWeights":"equal","temperature":[4,16]}},
                    {"name":"hkr","loss":{"kind":"hkr","weight":5}}],
         "select":{"by":"validation","at":{"norm":"l2","epsilon":0.05}},
         "attacks":[{"kind":"pgd","norm":"l2","epsilons":[0.05],"steps":3}],"limit":10,"checks":false,"split":"test"}
        """;

    [Fact]
    public void Run_Select_ReportsTheSettingThatIsBestOnHeldOutSamples()
    {
        using var folder = new TestFolder();
        var outcome = Assert.IsType<CompareOutcome>(TestJobs.Run(TestJobs.Parse(Job, folder.Path), folder.In("run")).Outcome);

        Selection selection = outcome.Selection!;
        Assert.Equal(["pairs", "pairs", "weighted", "weighted", "hkr"], selection.Candidates.Select(candidate => candidate.Name));
        foreach (IGrouping<string, Candidate> loss in selection.Candidates.GroupBy(candidate => candidate.Name))
        {
            Candidate picked = Assert.Single(loss, candidate => candidate.Picked);
            Assert.Equal(loss.Max(Figure), Figure(picked));
            Assert.Equal(picked.Runs.Select(run => $"models/{run.Label}"), outcome.Models.Where(model => model.Name == loss.Key).Select(model => model.Folder));
        }

        Assert.Equal(6, outcome.Models.Count);
        Assert.All(outcome.Models, model => Assert.Equal((40, 60, 10), (model.Validation!.Count, model.TrainClasses!["disc"], model.TrainClasses["cross"])));
        Assert.All(outcome.Models, model => Assert.Equal(model.Name == "pairs", model.SkippedBatches is not null));
        Assert.All(outcome.Models, model => Assert.InRange(model.KeptEpoch!.Value, 1, 2));

        // What the selection measured is what the report measures.
        foreach (CandidateRun run in selection.Candidates.Where(candidate => candidate.Picked).SelectMany(candidate => candidate.Runs))
        {
            ComparedModel model = outcome.Models.Single(own => own.Folder == $"models/{run.Label}");
            Assert.Equal(model.Test.Accuracy, run.Test.Accuracy);
            Assert.Equal(model.Validation!.Accuracy, run.Validation.Accuracy);
            Assert.Equal(10, run.Test.Attacked);
            Assert.True(run.Test.CertifiedAccuracy <= run.Test.Accuracy);
        }

        JsonArray candidates = JsonNode.Parse(File.ReadAllText(folder.In("run/result.json")))!["selection"]!["candidates"]!.AsArray();
        Assert.Equal(8, (double)candidates[1]!["loss"]!["temperature"]!);
        Assert.Contains("Certified accuracy at L2 0.05", File.ReadAllText(folder.In("run/report.html")), StringComparison.Ordinal);

        double Figure(Candidate candidate) => candidate.Runs.Average(run => run.Validation.CertifiedAccuracy!.Value);
    }

    [Theory]
    [InlineData("pairs~2@1", 1, int.MaxValue)]
    [InlineData("hkr@2", 2, int.MaxValue)]
    [InlineData("weighted", int.MaxValue, 1)]
    public void Run_SelectInterrupted_GoesOnToTheSameResult(string model, int epochs, int attacks)
    {
        using var folder = new TestFolder();
        JobFile job = TestJobs.Parse(Job, folder.Path);
        TestJobs.Run(job, folder.In("whole"));
        string stopped = attacks == int.MaxValue ? model : ((CompareOutcome)TestJobs.Run(job, folder.In("again")).Outcome!).Models.First(own => own.Name == model).Folder["models/".Length..];
        using var stop = new CancelAfter(stopped, epochs, attacks);
        Assert.Throws<OperationCanceledException>(() => TestJobs.Run(job, folder.In("parts"), stop, cancellation: stop.Token));
        TestJobs.Run(job, folder.In("parts"));
        Assert.Equal(TestJobs.Result(folder.In("whole")), TestJobs.Result(folder.In("parts")));
    }

    [Fact]
    public void Of_EqualFigures_TakesTheLargerAccuracyThenTheFirst()
    {
        var select = new SelectOptions { At = new SelectBudget { Epsilon = 0.1 } };
        (CompareRun, CandidateRun)[] measured =
        [
            Measured(1, 0.5, 0.7), Measured(2, 0.6, 0.8), Measured(3, 0.6, 0.9), Measured(4, 0.6, 0.9),
        ];
        Selection selection = Selection.Of(select, measured);
        Assert.Equal(3, ((DifferentialOptions)Assert.Single(selection.Candidates, candidate => candidate.Picked).Loss).Temperature);
        Assert.Equal([false, false, true, false], measured.Select(item => selection.Includes(item.Item1)));

        static (CompareRun, CandidateRun) Measured(double temperature, double certified, double accuracy)
        {
            var figures = new FrontierFigures { Count = 10, Accuracy = accuracy, BalancedAccuracy = accuracy, CertifiedAccuracy = certified };
            var run = new CompareRun("pairs", 1, $"pairs~{temperature}", new TrainSpec { Data = new Core.Data.ShapesOptions(), Loss = new DifferentialOptions { Temperature = temperature } }, "$");
            return (run, new CandidateRun(run.Label, 1, figures, figures));
        }
    }

    [Fact]
    public void Differences_OfTwoCurves_AreAtEachAccuracyThatBothReach()
    {
        // The first loss is ahead by 0.1 at 0.8, level at 0.7, and alone at 0.9. What the test samples say decides nothing.
        Candidate[] candidates =
        [
            Setting("pairs", 1, [(0.7, 0.6)], [(0.71, 0.5)]), Setting("pairs", 2, [(0.8, 0.6)], [(0.81, 0.6)]), Setting("pairs", 3, [(0.9, 0.3)], [(0.91, 0.9)]),
            Setting("other", 1, [(0.75, 0.55)], [(0.7, 0.55)]), Setting("other", 2, [(0.82, 0.5)], [(0.8, 0.5)]),
        ];
        IReadOnlyList<FrontierDifference> rows = FrontierDifference.Rows(candidates, SelectFigure.CertifiedAccuracy);
        Assert.Equal([("temperature 2, margin 0", "temperature 1, margin 0"), ("temperature 2, margin 0", "temperature 2, margin 0"), ("temperature 3, margin 0", "temperature 2, margin 0")], rows.Select(row => (row.Setting, row.OtherSetting)));
        Assert.Equal([0.75, 0.8, 0.82], rows.Select(row => row.HeldOutAccuracy));
        Assert.Equal([0.05, 0.1, 0.4], rows.Select(row => Math.Round(row.CertifiedAccuracy!.Value, 9)));
        Assert.All(rows, row => Assert.Null(row.RobustAccuracy));
    }

    // Each row is of the settings that are best among those that reach its accuracy, and each accuracy that both losses reach has its row.
    [Fact]
    public void Differences_OfAnyCurves_AreOfTheBestSettings()
    {
        Gen<(double Accuracy, double Certified)[][]> curve = Gen.Select(Gen.Double[0.5, 1], Gen.Double[0, 0.5], static (a, c) => (a, c)).Array[2].Array[1, 5];
        Gen.Select(curve, curve).Sample(
            (first, other) =>
            {
                Candidate[][] losses = [[.. first.Select((runs, i) => Setting("first", i + 1, runs, runs))], [.. other.Select((runs, i) => Setting("other", i + 1, runs, runs))]];
                IReadOnlyList<FrontierDifference> rows = FrontierDifference.Rows([.. losses[0], .. losses[1]], SelectFigure.CertifiedAccuracy);
                double most = losses.Min(static loss => loss.Max(static candidate => Mean(candidate).Accuracy));
                foreach (double accuracy in losses.SelectMany(static loss => loss).Select(static candidate => Mean(candidate).Accuracy).Where(a => a <= most))
                {
                    double[] best = [.. losses.Select(loss => loss.Select(Mean).Where(mean => mean.Accuracy >= accuracy).Max(static mean => mean.Certified))];
                    FrontierDifference row = rows.First(row => row.HeldOutAccuracy >= accuracy);
                    Assert.Equal(best[0] - best[1], row.CertifiedAccuracy!.Value, 1e-12);
                    Assert.Equal(2, row.Seeds);
                }

                Assert.Equal(rows.Select(static row => row.HeldOutAccuracy).Order(), rows.Select(static row => row.HeldOutAccuracy));
                Assert.Equal(rows.Count, rows.Select(static row => (row.Setting, row.OtherSetting)).Distinct().Count());
            },
            iter: 500);

        static (double Accuracy, double Certified) Mean(Candidate candidate) =>
            (candidate.Runs.Average(static run => run.Validation.Accuracy), candidate.Runs.Average(static run => run.Validation.CertifiedAccuracy!.Value));
    }

    private static Candidate Setting(string name, double temperature, (double Accuracy, double Certified)[] heldOut, (double Accuracy, double Certified)[] test)
    {
        return new Candidate
        {
            Name = name,
            Loss = new DifferentialOptions { Temperature = temperature },
            Picked = false,
            Runs = [.. heldOut.Zip(test, (own, measured) => (own, measured)).Select((pair, seed) => new CandidateRun($"{name}~{temperature}@{seed}", seed, Of(pair.own), Of(pair.measured)))],
        };

        static FrontierFigures Of((double Accuracy, double Certified) shares) =>
            new() { Count = 100, Accuracy = shares.Accuracy, BalancedAccuracy = shares.Accuracy, CertifiedAccuracy = shares.Certified };
    }
}
