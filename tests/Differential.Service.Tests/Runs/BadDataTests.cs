using System.Text.Json.Nodes;
using Differential.Core;

namespace Differential.Service.Tests.Runs;

/// <summary>What is wrong with the files that a job names: the message starts with the job file and the field.</summary>
public class BadDataTests
{
    private const string Good = "1,1,2\n-1,-1,-2\n";

    public static TheoryData<string, string, string> Jobs => new()
    {
        { """{"kind":"train","data":{"kind":"points","path":"none.csv"}}""", "$.data.path", "none.csv: there is no such file" },
        { """{"kind":"theory","data":{"kind":"points","path":"none.csv"}}""", "$.data.path", "none.csv: there is no such file" },
        { """{"kind":"train","data":{"kind":"points","path":"good.csv","testPath":"bad.csv"}}""", "$.data.testPath", "bad.csv: line 2, column 2: \"x\", which is no number" },
        { """{"kind":"train","data":{"kind":"cifar10","path":"none","positive":0,"negative":7}}""", "$.data.path", "none: there is no such folder" },
        { """{"kind":"attack","model":"none.safetensors","data":{"kind":"points","path":"good.csv"},"attacks":[{"kind":"deepFool"}]}""", "$.model", "none.safetensors: there is no such file" },
        { """{"kind":"attack","model":"good.csv","data":{"kind":"points","path":"good.csv"},"attacks":[{"kind":"deepFool"}]}""", "$.model", "good.csv: " },
    };

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Run_BrokenFile_NamesTheJobAndItsFieldFirst(string job, string place, string found)
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.In("good.csv"), Good);
        File.WriteAllText(folder.In("bad.csv"), "1,1,2\n-1,x,3\n");

        InputException error = Assert.Throws<InputException>(() => TestJobs.Run(TestJobs.Parse(job, folder.Path), folder.In("run")));

        Assert.StartsWith($"job.json: {place}: {folder.Path}/{found}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_PointsWithoutTestFile_GivesNoTestAccuracy()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.In("p.csv"), Good);

        TestJobs.Run(TestJobs.Parse("""{"kind":"train","data":{"kind":"points","path":"p.csv"},"epochs":2,"batchSize":2}""", folder.Path), folder.In("run"));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("run/result.json")))!;
        Assert.Equal((0, null), ((int)result["test"]!["count"]!, (double?)result["test"]!["accuracy"]));
        Assert.Equal(2, (int)result["train"]!["count"]!);
        Assert.All(File.ReadLines(folder.In("run/metrics.jsonl")), line => Assert.Null(JsonNode.Parse(line)!["testAccuracy"]));
    }

    [Theory]
    [InlineData("crossEntropy", 1e30)]
    [InlineData("differential", 1e20)]
    public void Train_InputsTooLarge_AdvisesASmallerScaleBeforeTheFirstUpdate(string loss, double size)
    {
        using var folder = new TestFolder();
        string number = size.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        File.WriteAllText(folder.In("p.csv"), $"1,{number},-{number}\n-1,-{number},{number}\n");
        string job = $$$"""{"kind":"train","data":{"kind":"points","path":"p.csv"},"model":{"kind":"linear","input":{"mean":"none","scale":1e10}},"loss":{"kind":"{{{loss}}}"},"epochs":1,"batchSize":2}""";

        Exception error = Assert.ThrowsAny<Exception>(() => TestJobs.Run(TestJobs.Parse(job, folder.Path), folder.In("run")));

        Assert.Contains("model.input.scale", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attack_ScoresThatOverflow_FailsAndSaysSo()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.In("p.csv"), Good);
        File.WriteAllText(folder.In("huge.csv"), "1,3e38,3e38\n-1,-3e38,-3e38\n");
        TestJobs.Run(TestJobs.Parse("""{"kind":"train","data":{"kind":"points","path":"p.csv"},"epochs":200,"batchSize":2,"optimizer":{"kind":"sgd","learningRate":1}}""", folder.Path), folder.In("train"));
        string attack = """{"kind":"attack","model":"train/model.safetensors","data":{"kind":"points","path":"huge.csv"},"attacks":[{"kind":"deepFool"}]}""";

        InputException error = Assert.Throws<InputException>(() => TestJobs.Run(TestJobs.Parse(attack, folder.Path), folder.In("attack")));

        Assert.Equal("job.json: $.model: scores of 2 of 2 samples that are not finite; allowed: inputs and a network whose scores float32 can hold", error.Message);
    }
}
