using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Service.Kinds.Attack;
using Differential.Service.Runs;

namespace Differential.Service.Tests.Runs;

/// <summary>Attack jobs on ONNX files: those that a training wrote, and one that ONNX Runtime must compute.</summary>
public class OnnxJobTests
{
    private const string Data = """ "data":{"kind":"shapes","count":48,"size":8} """;

    private const string Attacks = """ "attacks":[{"kind":"pgd","norm":"l2","epsilons":[0.25,1],"steps":5},{"kind":"deepFool","steps":10}] """;

    private const string Layers = """[{"kind":"conv","filters":4,"padding":1},{"kind":"batchNorm"},{"kind":"relu"},{"kind":"maxPool"},{"kind":"dense","units":1}]""";

    [Fact]
    public void Attack_OfATrainingsOnnxFile_FindsWhatTheAttackOnItsOwnFileDoes()
    {
        using var folder = new TestFolder();
        Train(folder, Layers);

        JsonNode own = Attack(folder, "train", string.Empty, Attacks);
        JsonNode onnx = Attack(folder, "train/model.onnx", string.Empty, Attacks);

        Assert.Equal(own["splits"]!.ToJsonString(), onnx["splits"]!.ToJsonString());
        Assert.Empty(onnx["notes"]!.AsArray());
        Assert.NotNull(onnx["splits"]!["test"]!["distances"]!["l2"]!["certified"]);
    }

    [Fact]
    public void Attack_OfAModelThatThisProgramHasNoLayersFor_IsComputedByOnnxRuntime()
    {
        using var folder = new TestFolder();

        // Sorting pairs is written by ReduceMax and ReduceMin.
        Train(folder, """[{"kind":"conv","filters":4},{"kind":"maxMin"},{"kind":"dense","units":1}]""");
        const string square = """ "attacks":[{"kind":"square","norm":"linf","epsilons":[0.2],"queries":60},{"kind":"hopSkipJump","iterations":2}] """;

        JsonNode result = Attack(folder, "train/model.onnx", string.Empty, square);

        Assert.Equal(
            "ONNX Runtime computes the model: ReduceMax (node layers.1.largest) is none of this program's layers. There are no gradients and no certificates.",
            (string)Assert.Single(result["notes"]!.AsArray())!);
        JsonNode split = result["splits"]!["test"]!;
        JsonNode own = Attack(folder, "train", string.Empty, square)["splits"]!["test"]!;
        Assert.Equal((int)own["correct"]!, (int)split["correct"]!);
        Assert.True((int)split["attacks"]![0]!["flipped"]! > 0);
        Assert.InRange((int)split["attacks"]![0]!["flipped"]!, (int)own["attacks"]![0]!["flipped"]! - 1, (int)own["attacks"]![0]!["flipped"]! + 1);
        Assert.Equal("no certificate, because ReduceMax (node layers.1.largest) has no bounds", (string)split["distances"]!["l2"]!["noCertificate"]!);
        InputException exception = Assert.Throws<InputException>(() => Attack(folder, "train/model.onnx", string.Empty, Attacks));
        Assert.Equal(
            "job.json: $.attacks[0]: pgd, which needs gradients, on a model with the operator ReduceMax (node layers.1.largest); allowed: square, hopSkipJump", exception.Message);
    }

    [Theory]
    [InlineData("train", "\"output\":\"logits\",", "job.json: $.output: a field that goes with an ONNX model, on 'train'; allowed: a model whose name ends in .onnx, or no such field")]
    [InlineData("train/model.onnx", "\"input\":{\"mean\":[0.1,0.2]},", "job.json: $.input.mean: 2 values; allowed: 1, or 3, one for each channel or feature of the data")]
    [InlineData("train/model.onnx", "\"input\":{\"std\":[0]},", "job.json: $.input.std: a number that is not above 0; allowed: numbers above 0")]
    [InlineData("train/model.onnx", "\"input\":{\"range\":[1,0]},", "job.json: $.input.range: [1, 0]; allowed: the second above the first")]
    [InlineData("train/model.onnx", "\"scores\":[\"a\",\"b\"],", "job.json: $.scores: no 'disc', which is a class of the data; allowed: a list with disc, cross")]
    [InlineData("missing.onnx", "", "job.json: $.model: missing.onnx: there is no such file; allowed: an ONNX model")]
    public void Attack_FieldsThatDoNotGoWithTheModel_AreRefused(string model, string fields, string message)
    {
        using var folder = new TestFolder();
        Train(folder, Layers);

        InputException exception = Assert.Throws<InputException>(() => Attack(folder, model, fields, Attacks));

        Assert.Equal(message, exception.Message.Replace(folder.Path + Path.DirectorySeparatorChar, string.Empty, StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.In("attack")));
    }

    private static void Train(TestFolder folder, string layers)
    {
        string train = "{\"kind\":\"train\"," + Data + ",\"model\":{\"kind\":\"network\",\"layers\":" + layers + "},\"epochs\":4,\"batchSize\":16}";
        TestJobs.Run(TestJobs.Parse(train, folder.Path), folder.In("train"));
    }

    private static JsonNode Attack(TestFolder folder, string model, string fields, string attacks)
    {
        string attack = "{\"kind\":\"attack\",\"model\":\"" + model + "\"," + fields + Data + "," + attacks + "}";
        JobReport report = TestJobs.Run(TestJobs.Parse(attack, folder.Path), folder.In("attack"), fresh: true);
        Assert.IsType<AttackJobOutcome>(report.Outcome);
        return JsonNode.Parse(File.ReadAllText(folder.In("attack/result.json")))!;
    }
}
