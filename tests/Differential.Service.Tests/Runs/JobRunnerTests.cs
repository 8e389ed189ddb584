using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Core.Files;
using Differential.Service.Jobs.Reading;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Theory;
using Differential.Service.Runs;

namespace Differential.Service.Tests.Runs;

public class JobRunnerTests
{
    private const string Data = """ "data":{"kind":"shapes","count":48,"size":8} """;

    private const string Attacks = """ "attacks":[{"kind":"pgd","norm":"l2","epsilons":[0.25,1],"steps":5},{"kind":"fgsm","epsilons":["8/255"]},{"kind":"deepFool","steps":10}] """;

    private const string Train = "{\"kind\":\"train\"," + Data + ",\"model\":{\"kind\":\"linear\"},\"epochs\":6,\"batchSize\":16}";

    private const string Compare = "{\"kind\":\"compare\"," + Data + ",\"model\":{\"kind\":\"linear\"},\"epochs\":6,\"batchSize\":16,\"limit\":10," + Attacks + "}";

    public static TheoryData<string, int, int> Interruptions => new()
    {
        { "crossEntropy", 2, int.MaxValue },
        { "crossEntropy", int.MaxValue, 1 },
        { "crossEntropy", int.MaxValue, 4 },
        { "differential", 3, int.MaxValue },
        { "differential", int.MaxValue, 6 },
    };

    [Theory]
    [MemberData(nameof(Interruptions))]
    public void Compare_Interrupted_GoesOnToTheSameResult(string model, int epochs, int attacks)
    {
        using var folder = new TestFolder();
        JobFile job = TestJobs.Parse(Compare, folder.Path);
        using var stop = new CancelAfter(model, epochs, attacks);

        TestJobs.Run(job, folder.In("whole"));
        Assert.Throws<OperationCanceledException>(() => TestJobs.Run(job, folder.In("parts"), stop, cancellation: stop.Token));
        Assert.False(File.Exists(folder.In("parts/result.json")));
        TestJobs.Run(job, folder.In("parts"));

        Assert.Equal(TestJobs.Result(folder.In("whole")), TestJobs.Result(folder.In("parts")));
        Assert.Equal(File.ReadAllText(folder.In("whole/samples.csv")), File.ReadAllText(folder.In("parts/samples.csv")));
        Assert.Equal(File.ReadAllLines(folder.In("whole/metrics.jsonl")).Length, File.ReadAllLines(folder.In("parts/metrics.jsonl")).Length);
    }

    [Fact]
    public void Compare_Result_HasARowPerAttackBudgetAndSplit()
    {
        using var folder = new TestFolder();
        TestJobs.Run(TestJobs.Parse(Compare, folder.Path), folder.In("run"));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("run/result.json")))!;
        Assert.Equal(["crossEntropy", "differential"], result["models"]!.AsArray().Select(m => (string)m!["name"]!));
        JsonArray rows = result["comparison"]!.AsArray();
        Assert.Equal(8, rows.Count);
        foreach (JsonNode? row in rows.Where(r => r!["flipRate"] is not null))
        {
            foreach (JsonNode? model in result["models"]!.AsArray())
            {
                JsonNode attack = model!["splits"]![(string)row!["split"]!]!["attacks"]!.AsArray().Single(a =>
                    (string)a!["kind"]! == (string)row["kind"]! && (string)a["norm"]! == (string)row["norm"]! && (double?)a["epsilon"] == (double?)row["epsilon"])!;
                Assert.Equal((double)attack["flipRate"]!, (double)row["flipRate"]![(string)model["name"]!]!);
            }
        }
    }

    [Fact]
    public void Attack_OfATrainedModel_SavesAdversarialInputsWithinTheBudget()
    {
        using var folder = new TestFolder();
        TestJobs.Run(TestJobs.Parse(Train, folder.Path), folder.In("train"));
        string attack = "{\"kind\":\"attack\",\"model\":\"train/model.safetensors\"," + Data + "," + Attacks + ",\"saveAdversarial\":true,\"split\":[\"test\",\"train\"]}";

        JobReport report = TestJobs.Run(TestJobs.Parse(attack, folder.Path), folder.In("attack"));

        var outcome = Assert.IsType<AttackJobOutcome>(report.Outcome);
        SafetensorsContent saved = SafetensorsFile.Read(folder.In("attack/adversarial.safetensors"));
        Assert.Equal(["test", "train"], outcome.Splits.Keys);
        foreach ((string split, SplitAttacks part) in outcome.Splits)
        {
            Assert.Equal(part.Attacked, part.Correct);
            Assert.All(part.Attacks.Where(a => a.Epsilon is not null), a => Assert.Equal((double)a.Flipped!.Value / part.Attacked, a.FlipRate!.Value));
            NamedTensor inputs = Assert.Single(saved.Tensors, t => t.Name == split + ".pgd.l2.1");
            Assert.Equal((part.Attacked, 3, 8, 8), (inputs.Shape[0], inputs.Shape[1], inputs.Shape[2], inputs.Shape[3]));
            Assert.All(inputs.Values, v => Assert.InRange(v, 0f, 1f));
        }

        string[] rows = File.ReadAllLines(folder.In("attack/samples.csv"));
        Assert.Equal(1 + outcome.Splits.Values.Sum(s => s.Attacked), rows.Length);
        Assert.Equal("split,index,label,cleanScore,pgd.l2.0.25,pgd.l2.1,fgsm.linf.0.03137254901960784,deepFool.l2,certified.l2,found.l2,certified.linf,found.linf", rows[0]);
    }

    [Fact]
    public void Attack_ModelOfAnotherShape_IsRefused()
    {
        using var folder = new TestFolder();
        TestJobs.Run(TestJobs.Parse(Train, folder.Path), folder.In("train"));
        string attack = "{\"kind\":\"attack\",\"model\":\"train/model.safetensors\",\"data\":{\"kind\":\"shapes\",\"size\":16}," + Attacks + "}";

        InputException exception = Assert.Throws<InputException>(() => TestJobs.Run(TestJobs.Parse(attack, folder.Path), folder.In("attack")));

        Assert.Equal("job.json: $.data: samples of shape [16, 16, 3]; allowed: [8, 8, 3], which the model takes", exception.Message);
        Assert.False(Directory.Exists(folder.In("attack")));
    }

    [Fact]
    public void Run_FinishedJobAgain_SaysSoAndKeepsTheEarlierResult()
    {
        using var folder = new TestFolder();
        JobFile job = TestJobs.Parse(Train, folder.Path);
        TestJobs.Run(job, folder.In("run"));
        string first = TestJobs.Result(folder.In("run"));
        using var observer = new CancelAfter(null);

        TestJobs.Run(job, folder.In("run"), observer);

        Assert.Contains(observer.Messages, m => m.Contains("result.previous.json", StringComparison.Ordinal));
        Assert.Equal(first, TestJobs.Result(folder.In("run")));
        Assert.True(File.Exists(folder.In("run/result.previous.json")));
        Assert.Equal(6, File.ReadAllLines(folder.In("run/metrics.jsonl")).Length);
    }

    [Fact]
    public void Run_FolderOfAnotherJob_IsRefusedUnlessFresh()
    {
        using var folder = new TestFolder();
        TestJobs.Run(TestJobs.Parse(Train, folder.Path), folder.In("run"));
        JobFile other = TestJobs.Parse(Train.Replace("\"epochs\":6", "\"epochs\":2", StringComparison.Ordinal), folder.Path);

        InputException exception = Assert.Throws<InputException>(() => TestJobs.Run(other, folder.In("run")));
        TestJobs.Run(other, folder.In("run"), fresh: true);

        Assert.Contains("another job's run", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(folder.In("run/metrics.jsonl")).Length);
    }

    [Fact]
    public void Run_FolderInUse_IsRefused()
    {
        using var folder = new TestFolder();
        using RunFolder open = RunFolder.Open(folder.In("run"));

        FolderHeldException exception = Assert.Throws<FolderHeldException>(() => TestJobs.Run(TestJobs.Parse(Train, folder.Path), folder.In("run")));

        Assert.Contains("in use by another process", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_JobThatFails_LeavesAResultThatSaysWhy()
    {
        using var folder = new TestFolder();
        string diverging = Train.Replace("\"epochs\":6", "\"epochs\":6,\"optimizer\":{\"kind\":\"sgd\",\"learningRate\":1000000},\"loss\":{\"kind\":\"squaredError\"}", StringComparison.Ordinal);

        Assert.ThrowsAny<Exception>(() => TestJobs.Run(TestJobs.Parse(diverging, folder.Path), folder.In("run")));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("run/result.json")))!;
        Assert.Equal("failed", (string)result["status"]!);
        Assert.Contains("diverged", (string)result["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Theory_ReferencePoints_GiveThePapersNumbers()
    {
        using var folder = new TestFolder();
        JobFile job = TestJobs.Parse("""{"kind":"theory","seed":12345,"data":{"kind":"affine"},"iterations":2000}""", folder.Path);

        var outcome = Assert.IsType<TheoryOutcome>(TestJobs.Run(job, folder.In("run")).Outcome);

        Assert.Equal(0.61997, outcome.SvmMargin, 1e-4);
        Assert.Equal(0.34247, outcome.BoundaryBound!.Value, 1e-4);
        Assert.Equal(0.552, outcome.Models["crossEntropy"].MarginRatio, 5e-3);
        Assert.InRange(outcome.Models["differential"].MarginRatio, 0.999, 1);
    }

    [Fact]
    public void Metrics_CutOffLine_IsDropped()
    {
        using var folder = new TestFolder();
        string path = folder.Write("metrics.jsonl", "{\"time\":\"t\",\"step\":1,\"phase\":\"training\",\"epoch\":1}\n{\"time\":\"t\",\"st");

        var metrics = new MetricsLog(path, TimeProvider.System);

        Assert.Single(metrics.Lines);
        Assert.Single(File.ReadAllLines(path));
    }
}
