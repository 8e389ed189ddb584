using System.Text.Json;
using Differential.Core.Batches;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Core.Training;
using Differential.Service.Jobs;
using Differential.Service.Runs;
using Differential.Service.Tests.Runs;

namespace Differential.Service.Tests.Jobs;

/// <summary>Choices of samples, weights, thresholds and settings as job files write them.</summary>
public class ChoiceTests
{
    private static JobSpec Parse(string text) => TestJobs.Parse(text, "/").Spec;

    private static TrainSpec Train(string threshold, string data = "") =>
        (TrainSpec)Parse("{\"kind\":\"train\",\"data\":{\"kind\":\"shapes\"" + data + "},\"threshold\":" + threshold + "}");

    [Fact]
    public void Parse_Thresholds_TakeHeldOutSamplesWhereThereAreAny()
    {
        Assert.Equal(new(ThresholdRule.Fitted, ThresholdGoal.BalancedAccuracy), Train("""{"for":"balancedAccuracy"}""").Threshold);
        Assert.Equal(new(ThresholdRule.Validation, ThresholdGoal.BalancedAccuracy), Train("""{"for":"balancedAccuracy"}""", ",\"validation\":0.1").Threshold);
        Assert.Equal(new(ThresholdRule.Fitted, ThresholdGoal.AtFalsePositiveRate(0.01)), Train("""{"falsePositiveRate":0.01,"on":"train"}""", ",\"validation\":0.1").Threshold);
        Assert.Equal(new(ThresholdRule.Validation), Train("\"validation\"", ",\"validation\":0.1").Threshold);
        TrainingOptions options = Train("""{"falsePositiveRate":0.01}""").ToTraining();
        Assert.Equal((ThresholdRule.Fitted, ThresholdGoal.AtFalsePositiveRate(0.01)), (options.Threshold, options.ThresholdGoal));
        Assert.Null(Train("\"fitted\"").ToTraining().ThresholdGoal);
    }

    [Theory]
    [InlineData("""{"kind":"train","data":{"kind":"shapes","classCounts":{"cross":3},"validation":0.25},"loss":{"kind":"hkr","weight":2,"classWeights":[1,2.5]},"batches":"natural","threshold":{"falsePositiveRate":0.05},"keep":"best"}""")]
    [InlineData("""{"kind":"train","data":{"kind":"points","path":"/a.csv","validation":"/b.csv","imbalance":3},"loss":{"kind":"crossEntropy","classWeights":"equal"},"batches":"proportional","threshold":{"on":"train","for":"balancedAccuracy"}}""")]
    [InlineData("""{"kind":"compare","data":{"kind":"shapes","validation":0.25},"losses":[{"kind":"differential","temperature":[2,8],"margin":[0,0.5]}],"select":{"by":"validation","at":{"norm":"linf","epsilon":"8/255"},"figure":"robustAccuracy"},"threshold":{"for":"balancedAccuracy"},"attacks":[{"kind":"deepFool"}]}""")]
    public void WrittenJob_IsReadBackAsItWas(string text)
    {
        JobSpec spec = Parse(text);
        string written = JsonSerializer.Serialize(spec, JobJson.Options);
        Assert.Equal(written, JsonSerializer.Serialize(Parse(written), JobJson.Options));
        Assert.Equal(JobIdentity.IdOf(spec), JobIdentity.IdOf(Parse(written)));
    }

    [Fact]
    public void JobsOfToday_AreWrittenWithoutTheNewFields()
    {
        string written = JsonSerializer.Serialize(Parse("""{"kind":"compare","data":{"kind":"shapes"},"attacks":[{"kind":"deepFool"}]}"""), JobJson.Line);
        Assert.All(
            (string[])["batches", "keep", "select", "imbalance", "classCounts", "validation", "classWeights", "threshold"],
            field => Assert.DoesNotContain($"\"{field}\"", written, StringComparison.Ordinal));
    }

    [Fact]
    public void Compare_EntriesWithLists_AreATrainingForEachSettingAndSeed()
    {
        var spec = (CompareSpec)Parse("""
            {"kind":"compare","data":{"kind":"shapes","validation":0.25},"seeds":[1,2],"select":{},"batches":"natural","attacks":[{"kind":"deepFool"}],
             "entries":[{"name":"pairs","loss":{"kind":"differential","temperature":[2,8],"margin":[0,0.5]}},{"name":"even","batches":"balanced","loss":{"kind":"crossEntropy"}}]}
            """);
        IReadOnlyList<CompareRun> runs = spec.Runs();
        Assert.Equal(
            ["pairs~1@1", "pairs~1@2", "pairs~2@1", "pairs~2@2", "pairs~3@1", "pairs~3@2", "pairs~4@1", "pairs~4@2", "even@1", "even@2"],
            runs.Select(run => run.Label));
        Assert.Equal((2.0, 0.5), Settings(runs[2]));
        Assert.Equal((8.0, 0.0), Settings(runs[4]));
        Assert.All(runs, run => Assert.Equal(run.Name == "even" ? BatchRule.Balanced : BatchRule.Natural, run.Training.Batches));

        static (double, double) Settings(CompareRun run) => (((DifferentialOptions)run.Training.Loss).Temperature, ((DifferentialOptions)run.Training.Loss).Margin);
    }
}
