using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Service.Jobs.Reading;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Train;
using Differential.Service.Runs;

namespace Differential.Service.Tests.Runs;

/// <summary>Jobs with three classes, from the data to the report.</summary>
public class ClassJobTests
{
    private const string Data = """ "data":{"kind":"shapes","count":60,"size":8,"classes":3} """;

    private const string Layers = """ "model":{"kind":"network","layers":[{"kind":"dense","units":12},{"kind":"relu"},{"kind":"dense","units":3}]} """;

    private const string Attacks = """ "attacks":[{"kind":"pgd","norm":"l2","epsilons":[0.25,1],"steps":5},{"kind":"deepFool","steps":10},{"kind":"suite","epsilons":["8/255"],"steps":5,"queries":10}] """;

    private const string Train = "{\"kind\":\"train\"," + Data + "," + Layers + ",\"epochs\":40,\"batchSize\":15,\"optimizer\":{\"kind\":\"adam\",\"learningRate\":0.01}}";

    private const string Compare = "{\"kind\":\"compare\"," + Data + "," + Layers + ",\"epochs\":6,\"batchSize\":15,\"limit\":8,\"checkSamples\":6," + Attacks + "}";

    [Fact]
    public void TrainAndAttack_ThreeClasses_SpeakOfClassesFromTheModelToTheSamples()
    {
        using var folder = new TestFolder();
        JobReport trained = TestJobs.Run(TestJobs.Parse(Train, folder.Path), folder.In("train"));
        string attack = "{\"kind\":\"attack\",\"model\":\"train/model.safetensors\"," + Data + "," + Attacks
            + ",\"saveAdversarial\":true,\"checks\":true,\"checkSamples\":8,\"split\":[\"test\",\"train\"],\"certify\":{\"methods\":[\"lipschitz\",\"crown\"],\"samples\":3}}";
        JobReport report = TestJobs.Run(TestJobs.Parse(attack, folder.Path), folder.In("attack"));

        var training = Assert.IsType<TrainOutcome>(trained.Outcome);
        Assert.Null(training.Threshold);
        Assert.Equal(3, training.Thresholds!.Count);
        Assert.True(training.Train.Accuracy > 0.6);
        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("train/result.json")))!;
        Assert.False(result.AsObject().ContainsKey("threshold"));
        Assert.Equal(3, result["thresholds"]!.AsArray().Count);
        Assert.Equal(["disc", "cross", "square"], ModelFile.Load(folder.In("train/model.safetensors")).Classes);

        var outcome = Assert.IsType<AttackJobOutcome>(report.Outcome);
        Assert.Equal(11, outcome.Checks.Count);
        Assert.Equal(Math.Round(training.Train.Accuracy * 60), outcome.Splits["train"].Correct);
        string[][] rows = [.. File.ReadAllLines(folder.In("attack/samples.csv")).Select(line => line.Split(','))];
        Assert.Equal(["0", "1", "2"], rows.Skip(1).Select(row => row[2]).Distinct().Order());
        Assert.All(rows.Skip(1), row => Assert.True(float.Parse(row[3], System.Globalization.CultureInfo.InvariantCulture) > 0));
        foreach ((string split, SplitAttacks part) in outcome.Splits)
        {
            Assert.All(part.Distances!.Values, distances => Assert.Equal(0, distances.Crossed));
            long[] labels = SafetensorsFile.Read(folder.In("attack/adversarial.safetensors")).Integers.Single(t => t.Name == split + ".labels").Values;
            Assert.Equal(part.Attacked, labels.Length);
            Assert.Equal(labels, rows.Skip(1).Where(row => row[0] == split).Select(row => long.Parse(row[2], System.Globalization.CultureInfo.InvariantCulture)));
        }

        Assert.Contains("margin", File.ReadAllText(folder.In("attack/report.html")), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("crossEntropy", int.MaxValue, 4)]
    [InlineData("differential", 3, int.MaxValue)]
    public void Compare_ThreeClassesInterrupted_GoesOnToTheSameResult(string model, int epochs, int attacks)
    {
        using var folder = new TestFolder();
        JobFile job = TestJobs.Parse(Compare, folder.Path);
        using var stop = new CancelAfter(model, epochs, attacks);

        TestJobs.Run(job, folder.In("whole"));
        Assert.Throws<OperationCanceledException>(() => TestJobs.Run(job, folder.In("parts"), stop, cancellation: stop.Token));
        TestJobs.Run(job, folder.In("parts"));

        Assert.Equal(TestJobs.Result(folder.In("whole")), TestJobs.Result(folder.In("parts")));
        Assert.Equal(File.ReadAllText(folder.In("whole/samples.csv")), File.ReadAllText(folder.In("parts/samples.csv")));
        Assert.True(File.Exists(folder.In("whole/report.html")));
    }

    [Theory]
    [InlineData("\"classes\":3", "disc, cross, square")]
    [InlineData("\"classes\":4", "disc, cross, square, ring")]
    public void Attack_ModelOfOtherClasses_IsRefused(string classes, string found)
    {
        using var folder = new TestFolder();
        string train = Train.Replace("\"classes\":3", "\"classes\":2", StringComparison.Ordinal).Replace("\"units\":3", "\"units\":1", StringComparison.Ordinal);
        TestJobs.Run(TestJobs.Parse(train, folder.Path), folder.In("train"));
        string attack = "{\"kind\":\"attack\",\"model\":\"train/model.safetensors\"," + Data.Replace("\"classes\":3", classes, StringComparison.Ordinal) + "," + Attacks + "}";

        InputException error = Assert.Throws<InputException>(() => TestJobs.Run(TestJobs.Parse(attack, folder.Path), folder.In("attack")));

        Assert.Equal($"job.json: $.data: the classes {found}; allowed: disc, cross, which the model has", error.Message);
    }

    [Fact]
    public void Train_NetworkThatEndsInTheWrongNumberOfScores_IsRefused()
    {
        using var folder = new TestFolder();
        string train = Train.Replace("\"units\":3", "\"units\":1", StringComparison.Ordinal);

        InputException error = Assert.Throws<InputException>(() => TestJobs.Run(TestJobs.Parse(train, folder.Path), folder.In("train")));

        Assert.Equal("job.json: $.model.layers[2]: the last layer yields [1]; allowed: a dense layer with 3 units at the end, one for each class", error.Message);
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("small")]
    [InlineData("cnn")]
    [InlineData("lipschitz")]
    public void Train_BuiltInNetwork_EndsInAScoreForEachClass(string kind)
    {
        using var folder = new TestFolder();
        string train = "{\"kind\":\"train\"," + Data + ",\"model\":{\"kind\":\"" + kind + "\"},\"epochs\":1,\"batchSize\":30,\"loss\":{\"kind\":\"crossEntropy\"}}";

        TestJobs.Run(TestJobs.Parse(train, folder.Path), folder.In("train"));

        SavedModel model = ModelFile.Load(folder.In("train/model.safetensors"));
        Assert.Equal(3, model.Parameters[^1].Shape[0]);
        Assert.Equal([0, 0, 0], model.Thresholds);
    }

    [Fact]
    public void Train_PointsOfThreeClasses_AreSeparated()
    {
        using var folder = new TestFolder();
        var random = new RandomStream(3, "points");
        (double X, double Y)[] centers = [(0, 0), (4, 0), (0, 4)];
        File.WriteAllLines(folder.In("p.csv"), Enumerable.Range(0, 90).Select(i => string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{i % 3},{centers[i % 3].X + random.NextDouble(-1, 1):R},{centers[i % 3].Y + random.NextDouble(-1, 1):R}")));
        const string train = """{"kind":"train","data":{"kind":"points","path":"p.csv","classes":3},"epochs":40,"batchSize":30,"optimizer":{"kind":"sgd","learningRate":0.2}}""";

        JobReport report = TestJobs.Run(TestJobs.Parse(train, folder.Path), folder.In("train"));

        Assert.Equal(1, Assert.IsType<TrainOutcome>(report.Outcome).Train.Accuracy);
    }
}
