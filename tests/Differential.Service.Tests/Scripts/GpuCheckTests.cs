using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Differential.Service.Tests.Scripts;

/// <summary>benchmarks/gpu/check.sh with stand-ins for its programs, each step failing on purpose, one hanging, the whole cut off.</summary>
public sealed class GpuCheckTests : IDisposable
{
    private const string Program = """
        #!/bin/bash
        call="$(basename "$0") $*"
        if [ -n "$BROKEN" ]; then
            case "$call" in *$BROKEN*) [ -z "$HANGS" ] || sleep 30; exit 3 ;; esac
        fi
        while [ $# -gt 0 ]; do
            [ "$1" != --output ] || { mkdir -p "$2"; printf '{\n  "status": "done"\n}\n' > "$2/result.json"; }
            shift
        done
        printf '{"call":"%s"}\n' "$call"
        """;

    /// <summary>The steps that run without PyTorch, in their order, with what tells a step's call from the others'.</summary>
    private static readonly (string Step, string Call)[] Steps =
    [
        ("devices", "devices --json"), ("check", "--check cuda"), ("parity", "--limit"), ("demo", "demo-gpu --fresh"),
        ("train-plain", "train-cnn:1024 --device cuda --no-graphs"), ("train-graph", "train-cnn:128,train-cnn:1024 --device cuda"),
        ("attack-plain", "measure pgd-step:500,pgd-step:4096 --device cuda --no-graphs"), ("attack-graph", "measure pgd-step:500,pgd-step:4096 --device cuda"),
        ("tf32", "precision tf32"), ("fp16", "precision fp16"), ("pairs", "pairs:50000"), ("imbalance", "imbalance.json"),
        ("epochs", "epochs-float32.json"), ("epochs-tf32", "epochs-tf32.json"), ("kernels", "limit,kernels"),
    ];

    private readonly TestFolder _folder = new();

    public GpuCheckTests()
    {
        Skip.If(OperatingSystem.IsWindows(), "no bash");
        Skip.IfNot(Array.TrueForAll(["bash", "timeout", "mkfifo", "sed"], IsThere), "bash, timeout, mkfifo or sed is missing");
        Directory.CreateDirectory(_folder.In("programs/cifar"));
        foreach (string name in (string[])["differential", "Differential.Benchmarks", "Differential.Parity"])
        {
            string path = _folder.Write($"programs/{name}", Program.ReplaceLineEndings("\n"));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
        }

        File.Copy(Path.Combine(Repository.Root, "benchmarks", "gpu", "epochs.json"), _folder.In("programs/epochs.json"));
        _folder.Write("programs/imbalance.json", """{ "kind": "compare", "data": { "path": "../cifar-10-batches-bin" } }""");
    }

    public static TheoryData<string, string> Broken
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach ((string step, string call) in Steps)
            {
                rows.Add(step, call);
            }

            return rows;
        }
    }

    [SkippableFact]
    public void Check_EveryProgramWorks_EachStepPassesWithItsResults()
    {
        Assert.Equal(0, Run(null, []));
        JsonNode[] lines = Lines();
        Assert.Equal([.. Steps.Select(static step => step.Step), "end"], [.. Ends(lines).Select(static line => line["step"]!.GetValue<string>())]);
        Assert.All(Ends(lines)[..Steps.Length], static line => Assert.Equal("passed", line["outcome"]!.GetValue<string>()));
        foreach ((string step, string call) in Steps)
        {
            Assert.Contains(lines, line => line["step"]!.GetValue<string>() == step && line["result"]?["call"]?.GetValue<string>().Contains(call, StringComparison.Ordinal) == true);
        }

        Assert.Contains(lines, static line => line["step"]!.GetValue<string>() == "imbalance" && line["result"]?["status"]?.GetValue<string>() == "done");
    }

    [SkippableTheory]
    [MemberData(nameof(Broken))]
    public void Check_StepFails_TheOthersGoOn(string step, string call)
    {
        Assert.Equal(1, Run(call, []));
        JsonNode[] ends = Ends(Lines());
        JsonNode broken = Assert.Single(ends, line => line["step"]!.GetValue<string>() == step);
        Assert.Equal(("failed", 3), (broken["outcome"]!.GetValue<string>(), broken["status"]!.GetValue<int>()));

        // The call with graphs is part of the one without.
        string[] failing = [step, step.Replace("-graph", "-plain", StringComparison.Ordinal)];
        Assert.All(ends[..^1], line => Assert.Equal(failing.Contains(line["step"]!.GetValue<string>()) ? "failed" : "passed", line["outcome"]!.GetValue<string>()));
        Assert.Equal("done", ends[^1]["outcome"]!.GetValue<string>());
    }

    [SkippableFact]
    public void Check_StepHangs_EndsAtItsLimitAndKeepsWhatIsDone()
    {
        Assert.Equal(1, Run("--check", [("HANGS", "1")], "--seconds", "4"));
        JsonNode[] lines = Lines();
        Assert.Contains(lines, static line => line["step"]!.GetValue<string>() == "devices" && line["result"] is not null);
        Assert.Equal("out of time", Assert.Single(Ends(lines), static line => line["step"]!.GetValue<string>() == "check")["outcome"]!.GetValue<string>());
        Assert.Equal("left out", Assert.Single(Ends(lines), static line => line["step"]!.GetValue<string>() == "parity")["outcome"]!.GetValue<string>());
    }

    [SkippableFact]
    public async Task Check_CutOff_KeepsWhatIsDone()
    {
        using Process process = Start("--check", [("HANGS", "1")], []);
        while (!(File.Exists(_folder.In("out/log.txt")) && (await File.ReadAllTextAsync(_folder.In("out/log.txt"))).Contains("== check", StringComparison.Ordinal)))
        {
            await Task.Delay(20);
            Assert.False(process.HasExited);
        }

        using Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync();
        Assert.Equal(143, process.ExitCode);
        JsonNode[] lines = Lines();
        Assert.Contains(lines, static line => line["step"]!.GetValue<string>() == "devices" && line["result"] is not null);
        Assert.Equal("cut off", lines[^1]["outcome"]!.GetValue<string>());
    }

    public void Dispose() => _folder.Dispose();

    private static JsonNode[] Ends(JsonNode[] lines) => [.. lines.Where(static line => line["outcome"] is not null)];

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private JsonNode[] Lines() => [.. File.ReadLines(_folder.In("out/results.jsonl")).Select(static line => JsonNode.Parse(line)!)];

    private int Run(string? broken, (string Name, string Value)[] environment, params string[] arguments)
    {
        using Process process = Start(broken, environment, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }

    private Process Start(string? broken, (string Name, string Value)[] environment, string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "benchmarks", "gpu", "check.sh"), "--programs", _folder.In("programs"), "--out", _folder.In("out"), "--only", string.Join(',', Steps.Select(static step => step.Step)), .. arguments]);
        start.Environment["BROKEN"] = broken;
        start.Environment["DIFFERENTIAL_CIFAR10"] = null;
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
