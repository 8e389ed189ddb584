using System.Text.Json.Nodes;
using Differential.Core.Numerics;
using Differential.Service.Kinds.Compare;

namespace Differential.Service.Tests.Commands;

/// <summary>Jobs whose splits or seeds come out unlike one another.</summary>
public sealed class UnevenOutcomeTests
{
    private const string Model = """{"kind":"network","layers":[{"kind":"dense","units":1}]}""";

    // Training points lie far from the boundary, one test point next to it: the suite flips in one split alone.
    [Fact]
    public async Task Run_SuiteThatFlipsInOneSplitAlone_WritesItsSamples()
    {
        using var folder = new TestFolder();
        folder.Write("a.csv", "1,5,0\n-1,-5,0\n1,6,1\n-1,-6,1\n");
        folder.Write("b.csv", "1,0.2,0\n-1,-5,0\n1,6,1\n-1,-6,1\n");
        folder.Write("job.json", Job("""{"kind":"points","path":"a.csv","testPath":"b.csv"}""", """[{"kind":"suite","norm":"l2","epsilons":[1],"steps":10,"queries":20}]"""));

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json", "--output", "out", "--threads", "1");

        Assert.True(run.Status == 0, run.Error);
        string[] lines = File.ReadAllLines(folder.In("out/samples.csv"));
        string[] names = lines[0].Split(',');
        int by = Array.IndexOf(names, "foundBy.suite.l2.1");
        Assert.Equal(1, lines.Count(line => line.Split(',')[by] is "apgd" or "fab" or "square"));
        Assert.Equal(9, lines.Length);
    }

    // The second feature alone tells the test classes apart the other way round: nothing there is decided rightly.
    [Fact]
    public async Task Run_ASplitThatIsDecidedWronglyThroughout_HasItsRows()
    {
        using var folder = new TestFolder();
        folder.Write("a.csv", "1,5,0\n-1,-5,0\n1,6,1\n-1,-6,1\n");
        folder.Write("b.csv", "1,-5,0\n-1,5,0\n");
        folder.Write("job.json", Job("""{"kind":"points","path":"a.csv","testPath":"b.csv"}""", """[{"kind":"pgd","norm":"l2","epsilons":[1],"steps":5}]"""));

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json", "--output", "out", "--threads", "1");

        Assert.True(run.Status == 0, run.Error);
        JsonNode test = JsonNode.Parse(File.ReadAllText(folder.In("out/result.json")))!["robust"]!.AsArray().Single(static row => (string)row!["split"]! == "test")!;
        JsonNode network = test["networks"]!["a"]!;
        Assert.Equal((0.0, 0.0), ((double)network["robustAccuracy"]!, (double)network["interval"]![0]!));
        Assert.InRange((double)network["interval"]![1]!, 0.65, 0.66);
    }

    // A seed of which half the samples are infinitely far is no seed to leave out: the mean is infinite, which is told by nothing.
    [Theory]
    [InlineData(2.0, 1.0, 3.0)]
    [InlineData(null, 1.0, double.PositiveInfinity)]
    [InlineData(null)]
    public void Mean_OfSeeds_IsNoneWhereOneIsInfinite(double? mean, params double[] seeds) => Assert.Equal(mean, Comparison.Mean(seeds));

    // Two seeds that disagree: Student's interval is far wider than shares can differ by.
    [Fact]
    public void Difference_OfSeedsThatDisagree_StaysWithinWhatSharesCanDifferBy()
    {
        var whole = new Interval(0, 1);
        var difference = ShareDifference.Of([((0.75, whole), (0.25, whole)), ((0.25, whole), (0.25, whole))]);

        Assert.Equal((0.25, -1.0, 1.0), (difference.Value, difference.Interval.Low, difference.Interval.High));
    }

    private static string Job(string data, string attacks) =>
        $$"""{"kind":"compare","data":{{data}},"entries":[{"name":"a","model":{{Model}}}],"epochs":40,"batchSize":4,"optimizer":{"kind":"sgd","learningRate":0.1},"split":["train","test"],"checks":false,"equalAccuracy":false,"attacks":{{attacks}}}""";
}
