using System.Text.Json.Nodes;

namespace Differential.Service.Tests.Commands;

/// <summary>The program as a user calls it: exit status, what goes to standard output and what to standard error.</summary>
public class ProgramTests
{
    private const string Tiny =
        """{"kind":"train","name":"tiny","data":{"kind":"shapes","count":32,"size":8},"model":{"kind":"linear"},"epochs":3,"batchSize":8}""";

    [Theory]
    [InlineData("arguments: 'trian': an unknown command or argument; allowed: ", "trian")]
    [InlineData("arguments: '--nope': an unknown option; allowed: what 'differential run --help' lists", "run", "job.json", "--nope")]
    [InlineData("arguments: '--nope': an unknown option; allowed: what 'differential run --help' lists", "run", "--nope", "job.json")]
    [InlineData("arguments: job: none given; allowed: what 'differential run --help' lists", "run")]
    [InlineData("arguments: command: none given; allowed: demo, run, ")]
    [InlineData("arguments: --threads: the number -1; allowed: 0 to 1024", "run", "job.json", "--threads", "-1")]
    [InlineData("arguments: --threads: 'x'; allowed: a whole number from 0 to 1024", "run", "job.json", "--threads", "x")]
    [InlineData("arguments: --threads: '99999999999'; allowed: a whole number from 0 to 1024", "run", "job.json", "--threads", "99999999999")]
    [InlineData("arguments: --seed: '1.5'; allowed: a whole number", "predict", "run", "data", "--seed", "1.5")]
    [InlineData("arguments: --within: 'x'; allowed: a number of seconds, more than 0, at most 86400", "health", "--within", "x")]
    [InlineData("arguments: --log-format: 'xml'; allowed: text, json", "run", "job.json", "--log-format", "xml")]
    [InlineData("arguments: --output: 'a', 'b'; allowed: one value", "run", "job.json", "--output", "a", "--output", "b")]
    [InlineData("arguments: --output: an empty text; allowed: one with characters", "run", "job.json", "--output", "")]
    [InlineData("arguments: --root: an empty text; allowed: one with characters", "serve", "--root", "")]
    [InlineData("arguments: --onnx: an empty text; allowed: one with characters", "export", "run", "--onnx", "")]
    [InlineData("arguments: job: an empty text; allowed: one with characters", "run", "")]
    [InlineData("arguments: jobs: an empty text; allowed: one with characters", "validate", "job.json", "")]
    [InlineData("nowhere.json: file: no such file; allowed: an existing job file", "run", "nowhere.json")]
    [InlineData("nowhere.json: file: no such file; allowed: an existing job file", "validate", "nowhere.json")]
    public async Task Program_BadArguments_EndsWithTwoAndOneLine(string message, params string[] arguments)
    {
        using var folder = new TestFolder();

        ProgramRun run = await Executable.Run(folder.Path, arguments);

        Assert.Equal(2, run.Status);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("\"device\":\"cuda:99\"", "job.json: $.device: warning: on this machine, device 'cuda:99' is not available")]
    [InlineData("\"device\":\"simd\",\"precision\":\"fp16\"", "job.json: $.precision: warning: on this machine, \"fp16\", which the device simd")]
    public async Task Validate_DeviceOfAnotherMachine_Warns(string fields, string warning)
    {
        using var folder = new TestFolder();
        folder.Write("job.json", Tiny.Replace("\"epochs\"", fields + ",\"epochs\"", StringComparison.Ordinal));

        ProgramRun run = await Executable.Run(folder.Path, "validate", "job.json");

        Assert.Equal((0, "job.json: a valid train job"), (run.Status, run.Output.Trim()));
        Assert.StartsWith(warning, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [SkippableTheory]
    [InlineData("validate none.json 2>/dev/full", 2)]
    [InlineData("validate job.json 2>/dev/full", 0)]
    [InlineData("run job.json --output out 2>/dev/full", 0)]
    [InlineData("schema >/dev/full", 1)]
    public async Task Program_OutputThatIsFull_EndsWithItsStatus(string arguments, int status)
    {
        Skip.IfNot(File.Exists("/dev/full"), "there is no /dev/full");
        using var folder = new TestFolder();
        folder.Write("job.json", Tiny);

        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", $"exec '{Executable.Program}' {arguments}"]) { WorkingDirectory = folder.Path })!;
        await shell.WaitForExitAsync();

        Assert.Equal(status, shell.ExitCode);
    }

    [Fact]
    public async Task Run_TinyJob_WritesItsFolderAndEndsWithZero()
    {
        using var folder = new TestFolder();
        folder.Write("job.json", Tiny);

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json", "--output", "out", "--device", "simd", "--threads", "1");

        Assert.True(run.Status == 0, run.Error);
        Assert.Contains("network", run.Output, StringComparison.Ordinal);
        Assert.Contains("Epoch 3/3", run.Error, StringComparison.Ordinal);
        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("out/result.json")))!;
        Assert.Equal(("train", "tiny", "done", 1, 32, 8), (
            (string)result["kind"]!, (string)result["name"]!, (string)result["status"]!, (int)result["seed"]!,
            (int)result["train"]!["count"]!, (int)result["test"]!["count"]!));
        Assert.Equal(("simd", "float32"), ((string)result["device"]!["kind"]!, (string)result["device"]!["precision"]!));
        JsonNode job = JsonNode.Parse(File.ReadAllText(folder.In("out/job.json")))!;
        Assert.Equal(("simd", "fitted", 1), ((string)job["device"]!, (string)job["threshold"]!, (int)job["seed"]!));
        Assert.Equal(3, File.ReadAllLines(folder.In("out/metrics.jsonl")).Length);
        Assert.All(["model.safetensors", "model.onnx", "report.html", "log.jsonl"], name => Assert.True(File.Exists(folder.In("out/" + name)), name));
    }

    [Fact]
    public async Task Export_OfARunsFolder_IsTheFileThatTheRunWrote()
    {
        using var folder = new TestFolder();
        folder.Write("job.json", Tiny);
        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json", "--output", "out", "--device", "simd", "--threads", "1");
        Assert.True(run.Status == 0, run.Error);

        ProgramRun export = await Executable.Run(folder.Path, "export", "out", "--onnx", "again.onnx");

        Assert.Equal((0, "again.onnx\n", string.Empty), (export.Status, export.Output, export.Error));
        Assert.Equal(File.ReadAllBytes(folder.In("out/model.onnx")), File.ReadAllBytes(folder.In("again.onnx")));
    }

    [Theory]
    [InlineData("missing.safetensors", "x.onnx", "missing.safetensors: file: there is no such file; allowed: a safetensors file")]
    [InlineData(".", "x.onnx", ".: file: a folder without model.safetensors; allowed: a model file, or the folder of a training")]
    public async Task Export_OfNoModel_SaysWhatIsMissing(string model, string target, string message)
    {
        using var folder = new TestFolder();

        ProgramRun export = await Executable.Run(folder.Path, "export", model, "--onnx", target);

        Assert.Equal((2, string.Empty, message), (export.Status, export.Output, export.Error.Trim()));
        Assert.False(File.Exists(folder.In(target)));
    }

    [Fact]
    public async Task Run_PrecisionThatTheDeviceLacks_IsRefusedByItsField()
    {
        using var folder = new TestFolder();
        folder.Write("job.json", Tiny.Replace("\"epochs\"", "\"precision\":\"tf32\",\"device\":\"simd\",\"epochs\"", StringComparison.Ordinal));

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json", "--output", "out");

        Assert.Equal(2, run.Status);
        Assert.Contains("job.json: $.precision: \"tf32\", which the device simd", run.Error, StringComparison.Ordinal);
        Assert.Contains("; allowed: float32 on this device; tf32 needs a CUDA device", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.In("out")));
    }

    [Fact]
    public async Task Run_NoOutput_TakesAFolderOfTheNameAndId()
    {
        using var folder = new TestFolder();
        folder.Write("job.json", Tiny.Replace("tiny", "a b/c", StringComparison.Ordinal));

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json");

        Assert.True(run.Status == 0, run.Error);
        Assert.Matches("^a-b-c-[0-9a-f]{8}$", Path.GetFileName(Assert.Single(Directory.GetDirectories(folder.In("runs")))));
    }

    [Fact]
    public async Task Run_JsonLog_HasAnEventPerEpochWithItsNumbers()
    {
        using var folder = new TestFolder();
        folder.Write("job.json", Tiny);

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json", "--log-format", "json");

        JsonNode[] events = [.. run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
        JsonNode[] epochs = [.. events.Where(e => e["Epoch"] is not null)];
        Assert.Equal([1, 2, 3], epochs.Select(e => (int)e["Epoch"]!));
        Assert.All(epochs, e => Assert.All(["Loss", "TrainAccuracy", "TestAccuracy", "ScoreMargin", "JobId"], name => Assert.NotNull(e[name])));
        Assert.Equal(["started", "done"], events.Where(e => e["State"] is not null).Select(e => (string)e["State"]!));
    }

    [Fact]
    public async Task Run_DeviceThatIsNotThere_IsAnErrorAndLeavesNothing()
    {
        using var folder = new TestFolder();
        folder.Write("job.json", Tiny);

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json", "--device", "cuda:9");

        Assert.Equal(2, run.Status);
        Assert.StartsWith("arguments: --device: device 'cuda:9' is not available", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.In("runs")));
    }

    [SkippableTheory]
    [InlineData(Executable.Interrupt)]
    [InlineData(Executable.Terminate)]
    public async Task Run_Interrupted_GoesOnToTheSameResult(int signal)
    {
        Skip.If(signal == Executable.Interrupt && Executable.IgnoresInterrupt, "the tests were started with Ctrl-C ignored");
        using var folder = new TestFolder();
        folder.Write("job.json", Tiny.Replace("\"epochs\":3", "\"epochs\":1500", StringComparison.Ordinal));

        ProgramRun whole = await Executable.Run(folder.Path, "run", "job.json", "--output", "whole");
        ProgramRun first = await Executable.RunAndSignal(folder.Path, "Epoch 5/1500", signal, "run", "job.json", "--output", "parts");
        bool finished = File.Exists(folder.In("parts/result.json"));
        ProgramRun second = await Executable.Run(folder.Path, "run", "job.json", "--output", "parts");

        Assert.Equal((0, 130, 0), (whole.Status, first.Status, second.Status));
        Assert.False(finished);
        Assert.Contains("interrupted", first.Error, StringComparison.Ordinal);
        Assert.Contains("resumed", second.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(folder.In("whole/model.safetensors")), File.ReadAllBytes(folder.In("parts/model.safetensors")));
        Assert.Equal(1500, File.ReadAllLines(folder.In("parts/metrics.jsonl")).Length);
    }

    [Fact]
    public async Task Validate_GoodAndBad_SaysBothAndEndsWithTwo()
    {
        using var folder = new TestFolder();
        folder.Write("good.json", Tiny);
        folder.Write("bad.json", Tiny.Replace("epochs", "epoch", StringComparison.Ordinal));

        ProgramRun run = await Executable.Run(folder.Path, "validate", "bad.json", "good.json");

        Assert.Equal(2, run.Status);
        Assert.Equal("good.json: a valid train job", run.Output.Trim());
        Assert.StartsWith("bad.json: $.epoch: unknown field (did you mean 'epochs'?)", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Validate_DataAndModelMissing_SaysBoth()
    {
        using var folder = new TestFolder();
        folder.Write("job.json", """{"kind":"attack","model":"none.safetensors","data":{"kind":"points","path":"none.csv"},"attacks":[{"kind":"deepFool"}]}""");

        ProgramRun run = await Executable.Run(folder.Path, "validate", "job.json");
        ProgramRun job = await Executable.Run(folder.Path, "run", "job.json");

        string[] lines = run.Error.TrimEnd().Split('\n');
        Assert.Equal(2, run.Status);
        Assert.Equal(["job.json: $.data.path:", "job.json: $.model:"], lines.Select(static line => string.Join(' ', line.Split(' ')[..2])));
        Assert.Equal(lines[0], job.Error.TrimEnd());
    }

    [Fact]
    public async Task Validate_Sweep_SaysWhatIsWrongWithEachOfItsJobs()
    {
        using var folder = new TestFolder();
        folder.Write("p.csv", "1,0.5\n-1,-0.5\n");
        folder.Write("job.json", """{"kind":"sweep","job":{"kind":"train","data":{"kind":"points","path":"p.csv"},"epochs":1,"batchSize":2},"seeds":[1,2],"fields":{"data.path":["p.csv","none.csv","p.csv2"]}}""");

        ProgramRun run = await Executable.Run(folder.Path, "validate", "job.json");

        Assert.Equal(2, run.Status);
        Assert.Equal(["job.json (job 3): $.data.path:", "job.json (job 5): $.data.path:"], run.Error.TrimEnd().Split('\n').Select(static line => string.Join(' ', line.Split(' ')[..4])));
    }

    [Fact]
    public async Task Run_PointsWithoutTestData_SaysNoTestAccuracy()
    {
        using var folder = new TestFolder();
        folder.Write("p.csv", "1,0.5\n-1,-0.5\n");
        folder.Write("job.json", """{"kind":"train","data":{"kind":"points","path":"p.csv"},"epochs":1,"batchSize":2}""");

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json", "--output", "out", "--threads", "1");

        Assert.True(run.Status == 0, run.Error);
        Assert.Contains("Epoch 1/1: loss", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", run.Error + run.Output + File.ReadAllText(folder.In("out/log.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_Json_NamesAutosChoice()
    {
        using var folder = new TestFolder();

        ProgramRun text = await Executable.Run(folder.Path, "devices");
        ProgramRun json = await Executable.Run(folder.Path, "devices", "--json");

        Assert.Equal((0, 0), (text.Status, json.Status));
        JsonNode list = JsonNode.Parse(json.Output)!;
        JsonNode auto = Assert.Single(list["available"]!.AsArray(), d => (bool)d!["auto"]!)!;
        Assert.Equal((string)list["auto"]!, (string)auto["id"]!);
        Assert.Contains(list["available"]!.AsArray(), d => (string)d!["id"]! == "simd");
        Assert.Contains($"* {(string)list["auto"]!}", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_Check_ComparesWithSimd()
    {
        using var folder = new TestFolder();

        ProgramRun text = await Executable.Run(folder.Path, "devices", "--check", "simd");
        ProgramRun json = await Executable.Run(folder.Path, "devices", "--check", "simd", "--json");
        ProgramRun missing = await Executable.Run(folder.Path, "devices", "--check", "tpu");

        Assert.Equal((0, 0, 2), (text.Status, json.Status, missing.Status));
        Assert.Equal(5, text.Output.Split('\n').Count(static line => line.StartsWith("passed  float32, ", StringComparison.Ordinal)));
        JsonArray parts = JsonNode.Parse(json.Output)!.AsArray();
        Assert.Equal(5, parts.Count);
        Assert.All(parts, static part => Assert.True((bool)part!["passed"]!));
        Assert.StartsWith("arguments: --check: device 'tpu' is not available; ", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configuration_BadThreads_IsAnError()
    {
        using var folder = new TestFolder();
        folder.Write("job.json", Tiny);
        folder.Write("appsettings.json", """{ "Threads": "many" }""");

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json");

        Assert.Equal(2, run.Status);
        Assert.StartsWith("configuration: Threads: the value 'many'; allowed: a whole number", run.Error, StringComparison.Ordinal);
    }
}
