using System.Text.Json.Nodes;
using Differential.Core.Checks;
using Differential.Service.Jobs.Reading;
using Differential.Service.Kinds.Compare;
using Differential.Service.Kinds.Train;

namespace Differential.Service.Tests.Runs;

/// <summary>What a job says of its own evaluation: checks, brackets, seeds, equal accuracy.</summary>
public class EvaluationTests
{
    private const string Job = """
        {"kind":"compare","data":{"kind":"shapes","count":48,"size":8},"model":{"kind":"linear"},"epochs":4,"batchSize":16,"limit":10,"checkSamples":8,"seeds":[1,2],
         "entries":[{"name":"plain","loss":{"kind":"crossEntropy"}},
                    {"name":"attacked","loss":{"kind":"differential"},"epochs":3,"optimizer":{"kind":"sgd","learningRate":0.05},
                     "adversarial":{"kind":"pgd","steps":2},"augment":{"flip":true}}],
         "attacks":[{"kind":"pgd","norm":"l2","epsilons":[0.25,1],"steps":5},{"kind":"deepFool","steps":10}],"split":"test"}
        """;

    [Fact]
    public void Compare_EntriesAndSeeds_GiveMeansAndSpreads()
    {
        using var folder = new TestFolder();
        TestJobs.Run(TestJobs.Parse(Job, folder.Path), folder.In("run"));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("run/result.json")))!;
        JsonArray models = result["models"]!.AsArray();
        Assert.Equal(["plain 1", "plain 2", "attacked 1", "attacked 2"], models.Select(m => $"{m!["name"]} {m["seed"]}"));
        Assert.All(models, m => Assert.True(File.Exists(folder.In($"run/{m!["folder"]}/model.safetensors"))));
        JsonNode row = result["comparison"]!.AsArray().Single(r => (double?)r!["epsilon"] == 0.25)!;
        foreach (string name in (string[])["plain", "attacked"])
        {
            double[] rates = [.. models.Where(m => (string)m!["name"]! == name).Select(m => (double)m!["splits"]!["test"]!["attacks"]![0]!["flipRate"]!)];
            Assert.Equal(rates.Average(), (double)row["flipRate"]![name]!, 1e-12);
            Assert.Equal(rates.Min(), (double)row["spread"]![name]!["min"]!);
            Assert.Equal(rates.Max(), (double)row["spread"]![name]!["max"]!);
            Assert.Equal(Math.Abs(rates[0] - rates[1]) / Math.Sqrt(2), (double)row["spread"]![name]!["standardDeviation"]!, 1e-12);
        }

        Assert.Equal(["plain", "attacked"], result["equalAccuracy"]!["flipRate"]!.AsObject().Select(p => p.Key));
        Assert.Equal(models.Min(m => (double)m!["test"]!["accuracy"]!), (double)result["equalAccuracy"]!["accuracy"]!);
        string html = File.ReadAllText(folder.In("run/report.html"));
        Assert.Contains("Checks of the evaluation", html, StringComparison.Ordinal);
        Assert.Contains("Margins from both sides", html, StringComparison.Ordinal);
        Assert.Contains("Flip rates at equal accuracy", html, StringComparison.Ordinal);
        Assert.Contains("plain, pgd", html, StringComparison.Ordinal);
        Assert.DoesNotContain("plain@1, pgd", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_Checks_AreThereForEachEntryAndOffOnlyByFalse()
    {
        using var folder = new TestFolder();
        TestJobs.Run(TestJobs.Parse(Job, folder.Path), folder.In("run"));
        TestJobs.Run(TestJobs.Parse(Job.Replace("\"limit\"", "\"checks\":false,\"limit\"", StringComparison.Ordinal), folder.Path), folder.In("without"));

        JsonArray checks = JsonNode.Parse(File.ReadAllText(folder.In("run/result.json")))!["checks"]!.AsArray();
        foreach (string label in (string[])["plain@1", "attacked@1"])
        {
            Assert.Equal(EvaluationChecks.All.Select(c => c.Name), checks.Where(c => (string)c!["model"]! == label).Select(c => (string)c!["name"]!));
        }

        Assert.All(checks, c => Assert.Contains((string)c!["status"]!, (string[])["passed", "warned"]));
        Assert.All(checks.Where(c => (string)c!["name"]! == "bracket"), c => Assert.Equal("passed", (string)c!["status"]!));
        Assert.Empty(JsonNode.Parse(File.ReadAllText(folder.In("without/result.json")))!["checks"]!.AsArray());
    }

    [Fact]
    public void Compare_InterruptedAfterSomeSeeds_GoesOnToTheSameResult()
    {
        using var folder = new TestFolder();
        JobFile job = TestJobs.Parse(Job, folder.Path);
        using var stop = new CancelAfter("attacked@1", 2);

        TestJobs.Run(job, folder.In("whole"));
        Assert.Throws<OperationCanceledException>(() => TestJobs.Run(job, folder.In("parts"), stop, cancellation: stop.Token));
        TestJobs.Run(job, folder.In("parts"));

        Assert.Equal(TestJobs.Result(folder.In("whole")), TestJobs.Result(folder.In("parts")));
        Assert.Equal(File.ReadAllText(folder.In("whole/samples.csv")), File.ReadAllText(folder.In("parts/samples.csv")));
    }

    [Fact]
    public void Attack_WithChecks_BracketsEachSample()
    {
        using var folder = new TestFolder();
        const string Data = """ "data":{"kind":"shapes","count":48,"size":8} """;
        TestJobs.Run(TestJobs.Parse("{\"kind\":\"train\"," + Data + ",\"model\":{\"kind\":\"linear\"},\"epochs\":4,\"batchSize\":16}", folder.Path), folder.In("train"));
        string attack = "{\"kind\":\"attack\",\"checks\":true,\"model\":\"train/model.safetensors\"," + Data + ",\"attacks\":[{\"kind\":\"deepFool\"}]}";

        TestJobs.Run(TestJobs.Parse(attack, folder.Path), folder.In("attack"));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("attack/result.json")))!;
        Assert.Equal(EvaluationChecks.All.Count, result["checks"]!.AsArray().Count);
        JsonNode split = result["splits"]!["test"]!;
        JsonNode distances = split["distances"]!["l2"]!;
        Assert.Equal(0, (int)distances["crossed"]!);
        Assert.Equal((int)split["attacked"]!, distances["histogram"]!["certified"]!.AsArray().Sum(c => (int)c!));

        // Of a linear model both sides are the margin itself, where the box does not cut the way off.
        string[][] rows = [.. File.ReadAllLines(folder.In("attack/samples.csv")).Select(l => l.Split(','))];
        int certified = Array.IndexOf(rows[0], "certified.l2");
        int found = Array.IndexOf(rows[0], "found.l2");
        Assert.All(rows.Skip(1), r => Assert.True(Number(r[certified]) <= Number(r[found]) * 1.0001));
        Assert.Contains(rows.Skip(1), r => Number(r[certified]) > 0.9 * Number(r[found]));

        static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    public static TheoryData<double, double?> Accuracies => new() { { 0.95, 0.5 }, { 0.9, 0.4 }, { 0.925, 0.45 }, { 0.85, 0.3 }, { 0.5, null } };

    [Theory]
    [MemberData(nameof(Accuracies))]
    public void EpochCurve_AtAnAccuracy_LiesOnTheLatestLine(double accuracy, double? expected)
    {
        EpochFlips[] points = [new(1, 0.8, 0.2), new(2, 0.9, 0.4), new(4, 0.95, 0.5)];

        double? rate = EpochCurve.At(points, accuracy);

        Assert.Equal(expected is null, rate is null);
        Assert.Equal(expected ?? 0, rate ?? 0, 1e-12);
    }
}
