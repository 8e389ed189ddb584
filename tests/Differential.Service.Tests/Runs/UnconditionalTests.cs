using System.Text.Json.Nodes;
using Differential.Core.Numerics;
using Differential.Service.Kinds.Attack;
using Differential.Service.Runs;

namespace Differential.Service.Tests.Runs;

/// <summary>Figures over all samples, as result.json, tables and samples.csv have them.</summary>
public class UnconditionalTests
{
    private const string Rest = """
        "model":{"kind":"small"},"epochs":2,"batchSize":16,"checks":false,"equalAccuracy":false,"certify":{"methods":["lipschitz"]},"seeds":[1,2],
        "attacks":[{"kind":"pgd","norm":"l2","epsilons":[0.25,1],"steps":5},{"kind":"fgsm","epsilons":["8/255"]},{"kind":"deepFool","steps":10}],"split":["test"]}
        """;

    private const string Job = """{"kind":"compare","data":{"kind":"shapes","count":60,"size":8,"noise":0.6},""" + Rest;

    [Fact]
    public void Compare_RobustRows_AreCountedOverAllSamples()
    {
        using var folder = new TestFolder();
        JobReport report = TestJobs.Run(TestJobs.Parse(Job, folder.Path), folder.In("run"));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("run/result.json")))!;
        string[][] rows = [.. File.ReadAllLines(folder.In("run/samples.csv")).Select(static line => line.Split(','))];
        int found = Array.IndexOf(rows[0], "found.l2");
        int certified = Array.IndexOf(rows[0], "certified.l2");
        foreach (JsonNode? model in result["models"]!.AsArray())
        {
            JsonNode split = model!["splits"]!["test"]!;
            int count = (int)split["count"]!;
            JsonArray robust = split["robust"]!.AsArray();
            Assert.Equal(["l2 0.25", "l2 1", "linf 0.03137254901960784"], robust.Select(static row => $"{row!["norm"]} {row["epsilon"]}"));
            string label = $"{model["name"]}@{model["seed"]}";
            string[][] own = [.. rows.Skip(1).Where(row => row[0] == label)];
            Assert.Equal((int)split["attacked"]!, own.Length);
            foreach (JsonNode? row in robust.Where(static row => (string)row!["norm"]! == "l2"))
            {
                double epsilon = (double)row!["epsilon"]!;
                int stays = own.Count(sample => !(Number(sample[found]) <= epsilon * (1 + 1e-6)));
                Assert.Equal((double)stays / count, (double)row["robustAccuracy"]!, 1e-12);
                Assert.Equal((double)own.Count(sample => Number(sample[certified]) >= epsilon) / count, (double)row["certifiedAccuracy"]!, 1e-12);
                Assert.Equal(1 - ((double)stays / own.Length), (double)row["flipRate"]!, 1e-12);
                var interval = Interval.Wilson((double)row["robustAccuracy"]!, count);
                Assert.Equal([interval.Low, interval.High], row["interval"]!.AsArray().Select(static end => Math.Round((double)end!, 12)), static (a, b) => Math.Abs(a - b) < 1e-9);
            }

            // The confusion matrix: its diagonal is what is decided correctly.
            JsonArray classes = split["perClass"]!.AsArray();
            Assert.Equal((int)split["correct"]!, classes.Sum(static row => (int)row!["decided"]![(string)row["class"]!]!));
            Assert.Equal(count, classes.Sum(static row => (int)row!["count"]!));
            Assert.InRange((double)split["auc"]!, 0, 1);
            Assert.Equal((double)classes[0]!["accuracy"]!, (double)split["truePositiveRate"]!, 1e-12);
            Assert.Equal(1 - (double)classes[1]!["accuracy"]!, (double)split["falsePositiveRate"]!, 1e-12);
            Assert.Equal((double)model["test"]!["auc"]!, (double)split["auc"]!, 1e-12);
        }

        // Over the seeds: means, and Student's interval.
        JsonNode compared = result["robust"]!.AsArray().First(static row => (double)row!["epsilon"]! == 0.25)!;
        foreach ((string name, JsonNode? figures) in compared["networks"]!.AsObject())
        {
            double[] seeds = [.. result["models"]!.AsArray().Where(model => (string)model!["name"]! == name).Select(static model => (double)model!["splits"]!["test"]!["robust"]![0]!["robustAccuracy"]!)];
            Assert.Equal(2, (int)figures!["seeds"]!);
            Assert.Equal(seeds.Average(), (double)figures["robustAccuracy"]!, 1e-12);
            Assert.Equal(Interval.OfMean(seeds)!.Value.OfShares().Low, (double)figures["interval"]![0]!, 1e-12);
        }

        // Each pair at each distance: the mean of the differences seed by seed, with Student's interval.
        JsonArray differences = result["differences"]!.AsArray();
        Assert.Equal(["l2 0.25", "l2 1", "linf 0.03137254901960784"], differences.Select(static row => $"{row!["norm"]} {row["epsilon"]}"));
        for (int k = 0; k < 3; k++)
        {
            Pair(differences[k]!, "accuracy", static split => (double)split["accuracy"]!);
            Pair(differences[k]!, "robustAccuracy", split => (double)split["robust"]![k]!["robustAccuracy"]!);
            Pair(differences[k]!, "certifiedAccuracy", split => (double)split["robust"]![k]!["certifiedAccuracy"]!);
        }

        var output = new StringWriter();
        report.Outcome.WriteTables(output);
        string first = output.ToString().Split('\n')[0];
        Assert.Contains($"\n{differences[0]!["network"]} less {differences[0]!["other"]}  ", output.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("network", first, StringComparison.Ordinal);
        Assert.Contains("robust accuracy", first, StringComparison.Ordinal);

        void Pair(JsonNode row, string figure, Func<JsonNode, double> value)
        {
            double[] of = [.. Values((string)row["network"]!)];
            double[] differences = [.. of.Zip(Values((string)row["other"]!), static (a, b) => a - b)];
            Interval interval = Interval.OfMean(differences)!.Value;
            Assert.Equal(2, differences.Length);
            Assert.Equal(2, (int)row["seeds"]!);
            Assert.Equal([differences.Average(), interval.Low, interval.High], [(double)row[figure]!["value"]!, .. row[figure]!["interval"]!.AsArray().Select(static end => (double)end!)], static (a, b) => Math.Abs(a - b) < 1e-12);

            IEnumerable<double> Values(string name) => result["models"]!.AsArray().Where(model => (string)model!["name"]! == name).Select(model => value(model!["splits"]!["test"]!));
        }

        static double Number(string text) => text.Length == 0 ? double.NaN : double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Train_Theorem_IsMeasuredOnTheFeatures()
    {
        using var folder = new TestFolder();
        TestJobs.Run(TestJobs.Parse("""{"kind":"train","data":{"kind":"shapes","count":60,"size":8},"model":{"kind":"small"},"epochs":3,"batchSize":16}""", folder.Path), folder.In("run"));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("run/result.json")))!;
        JsonNode theorem = result["theorem"]!;
        Assert.Equal(60 * (double)result["train"]!["accuracy"]!, (double)theorem["samples"]!, 1e-9);
        Assert.True((double)theorem["gamma"]! > 0);
        Assert.InRange((double)theorem["limitShare"]!, 0.01, 1.0000001);
        Assert.InRange((double)theorem["trainedShare"]!, 0, 1.0000001);
    }

    [Fact]
    public void Attack_OfALimit_TakesTheSampleForAll()
    {
        using var folder = new TestFolder();
        const string Data = """ "data":{"kind":"shapes","count":80,"size":8,"noise":0.6} """;
        TestJobs.Run(TestJobs.Parse("{\"kind\":\"train\"," + Data + ",\"model\":{\"kind\":\"linear\"},\"epochs\":1,\"batchSize\":16}", folder.Path), folder.In("train"));
        string attack = "{\"kind\":\"attack\",\"checks\":false,\"model\":\"train/model.safetensors\"," + Data + ",\"limit\":7,\"attacks\":[{\"kind\":\"pgd\",\"norm\":\"l2\",\"epsilons\":[0.5],\"steps\":5}]}";

        var outcome = Assert.IsType<AttackJobOutcome>(TestJobs.Run(TestJobs.Parse(attack, folder.Path), folder.In("attack")).Outcome);

        SplitAttacks split = outcome.Splits["test"];
        Assert.Equal(7, split.Attacked);
        RobustRow row = Assert.Single(split.Robust);
        Assert.Equal(split.Accuracy * (1 - row.FlipRate), row.RobustAccuracy, 1e-12);
        Assert.Equal(Interval.Wilson(row.RobustAccuracy, 7 / split.Accuracy).High, row.Interval.High, 1e-9);
    }
}
