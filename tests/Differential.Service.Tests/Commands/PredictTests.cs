using System.Text.Json.Nodes;

namespace Differential.Service.Tests.Commands;

/// <summary>The README's four commands on a folder of images, and what predict and attack refuse.</summary>
public sealed class PredictTests
{
    private static readonly string Images = Path.Combine(AppContext.BaseDirectory, "files", "images");

    [Fact]
    public async Task Commands_OfTheReadme_TakeAFolderOfImagesToPredictions()
    {
        using var folder = new TestFolder();
        await TrainAsync(folder);

        ProgramRun attack = await Executable.Run(folder.Path, "attack", "runs/pets", "pets", "--limit", "4", "--output", "attacked");
        ProgramRun export = await Executable.Run(folder.Path, "export", "runs/pets", "--onnx", "pets.onnx");
        ProgramRun predict = await Executable.Run(folder.Path, "predict", "runs/pets", "pets");
        ProgramRun onnx = await Executable.Run(folder.Path, "predict", "pets.onnx", "pets");
        ProgramRun csv = await Executable.Run(folder.Path, "predict", "runs/pets/model.safetensors", "pets/cat/0.bmp", "--csv");

        Assert.True(attack.Status == 0, attack.Error);
        Assert.True(export.Status == 0, export.Error);
        Assert.True(predict.Status == 0, predict.Error);
        Assert.True(onnx.Status == 0, onnx.Error);
        Assert.Equal(Decisions(predict), Decisions(onnx));
        Assert.True(csv.Status == 0, csv.Error);
        JsonNode result = JsonNode.Parse(await File.ReadAllTextAsync(folder.In("attacked/result.json")))!;
        Assert.Equal("attack", (string?)result["kind"]);
        Assert.Equal(2, (int)result["splits"]!["test"]!["count"]!);
        Assert.True(File.Exists(folder.In("attacked/report.html")) && File.Exists(folder.In("pets.onnx")));
        Assert.Equal(10, predict.Output.Split('\n').Count(line => line.StartsWith("cat/", StringComparison.Ordinal) || line.StartsWith("dog/", StringComparison.Ordinal)));
        Assert.Contains("samples whose class is known are decided rightly", predict.Output, StringComparison.Ordinal);
        string[] lines = csv.Output.TrimEnd().Split('\n');
        Assert.Equal("sample,class,decision,score,certified.l2,certified.linf", lines[0].TrimEnd('\r'));
        string[] fields = Assert.Single(lines[1..]).TrimEnd('\r').Split(',');
        Assert.Equal(6, fields.Length);
        Assert.Equal(("cat", double.Parse(fields[3], System.Globalization.CultureInfo.InvariantCulture) > 0 ? "cat" : "dog"), (fields[1], fields[2]));
        Assert.True(double.Parse(fields[4], System.Globalization.CultureInfo.InvariantCulture) > 0, fields[4]);
    }

    [Fact]
    public async Task Predict_JobsDataSection_TakesItsTestSamples()
    {
        using var folder = new TestFolder();
        await TrainAsync(folder);
        await File.WriteAllTextAsync(folder.In("data.json"), """{ "kind": "images", "path": "pets", "positive": "cat", "negative": "dog", "size": [6, 8] }""");

        ProgramRun section = await Executable.Run(folder.Path, "predict", "runs/pets", "data.json", "--csv");
        ProgramRun job = await Executable.Run(folder.Path, "predict", "runs/pets", "pets.json", "--csv", "--split", "train", "--no-certificates");

        Assert.Equal(3, section.Output.TrimEnd().Split('\n').Length);
        Assert.Equal(9, job.Output.TrimEnd().Split('\n').Length);
        Assert.All(job.Output.TrimEnd().Split('\n')[1..], line => Assert.EndsWith(",,", line.TrimEnd('\r'), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("predict", "none", "pets", "arguments: model: 'none', which is not there")]
    [InlineData("predict", "runs/pets", "none", "arguments: data: 'none', which is not there")]
    [InlineData("predict", "runs/pets", "bad.json", "bad.json: $.data.kind: the unknown kind \"imags\"")]
    [InlineData("attack", "runs/pets", "pets/cat", "images without their classes")]
    [InlineData("attack --limit 0", "runs/pets", "pets", "arguments: --limit: the number 0; allowed: 1 to 2147483647")]
    [InlineData("attack --l2 1e30 --limit 4", "runs/pets", "pets", "arguments: $.attacks[0].epsilons[0]: the number 1E+30; allowed: ")]
    [InlineData("attack", "pets", "pets", "pets: file: a folder without model.safetensors")]
    [InlineData("predict", "runs/pets", "empty", "empty: file: no image")]
    [InlineData("predict --std 0", "runs/pets", "pets", "arguments: --std: a number that is not above 0")]
    public async Task Commands_BadArguments_AreOneMessage(string command, string model, string data, string message)
    {
        using var folder = new TestFolder();
        await TrainAsync(folder);
        Directory.CreateDirectory(folder.In("empty"));
        await File.WriteAllTextAsync(folder.In("bad.json"), """{ "kind": "imags", "path": "pets" }""");

        ProgramRun run = await Executable.Run(folder.Path, [.. command.Split(' '), model, data]);

        Assert.Equal(2, run.Status);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Sample, class and decision of each line.</summary>
    private static IEnumerable<string> Decisions(ProgramRun run) =>
        run.Output.Split('\n').Where(static line => line.Contains('/', StringComparison.Ordinal)).Select(static line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..3]));

    /// <summary>Five images of each class: one upright small image and another kind of it.</summary>
    private static async Task TrainAsync(TestFolder folder)
    {
        foreach ((string name, string file) in ((string, string)[])[("cat", "rgb.bmp"), ("dog", "grey.png")])
        {
            Directory.CreateDirectory(folder.In($"pets/{name}"));
            for (int i = 0; i < 5; i++)
            {
                File.Copy(Path.Combine(Images, file), folder.In($"pets/{name}/{i}{Path.GetExtension(file)}"));
            }
        }

        await File.WriteAllTextAsync(folder.In("pets.json"), """
            { "kind": "train", "data": { "kind": "images", "path": "pets", "positive": "cat", "negative": "dog", "size": [6, 8] }, "model": { "kind": "linear" }, "epochs": 3, "batchSize": 4 }
            """);
        ProgramRun run = await Executable.Run(folder.Path, "run", "pets.json", "--output", "runs/pets");
        Assert.True(run.Status == 0, run.Error);
    }
}
