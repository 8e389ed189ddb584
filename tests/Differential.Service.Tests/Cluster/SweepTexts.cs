using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Differential.Service.Cluster;
using Differential.Service.Jobs.Reading;
using Differential.Service.Runs;
using Differential.Service.Tests.Runs;

namespace Differential.Service.Tests.Cluster;

/// <summary>Small sweeps, and what they leave.</summary>
internal static class SweepTexts
{
    /// <summary>Four trainings.</summary>
    public const string Sweep = """
        { "kind": "sweep", "name": "small", "device": "simd", "learningRates": [0.05, 0.1], "seeds": [1, 2],
          "job": { "kind": "train", "data": { "kind": "shapes", "count": 16, "size": 8 }, "model": { "kind": "linear" }, "epochs": 2, "batchSize": 8 } }
        """;

    /// <summary>Two losses with two seeds each.</summary>
    public const string Compare = """
        { "kind": "compare", "name": "both", "device": "simd", "data": { "kind": "shapes", "count": 48, "size": 8 }, "model": { "kind": "linear" }, "epochs": 3, "batchSize": 16,
          "limit": 6, "seeds": [3, 5], "attacks": [{ "kind": "pgd", "norm": "l2", "epsilons": [0.25, 1], "steps": 3 }, { "kind": "deepFool", "steps": 4 }] }
        """;

    /// <summary>A training of thousands of short epochs, which is still at work when something happens to it.</summary>
    public static string Long(int epochs) => Sweep.Replace("\"epochs\": 2", $"\"epochs\": {epochs}", StringComparison.Ordinal);

    /// <summary>Freezes a sweep in a folder.</summary>
    public static FrozenSweep Freeze(TestFolder folder, string text, string name = "sweep")
    {
        JobFile file = TestJobs.Parse(text, folder.Path);
        return FrozenSweep.Freeze(file, folder.In(name));
    }

    /// <summary>Runs one of its jobs within the test's process.</summary>
    public static JobReport? Run(FrozenSweep sweep, int number, TaskSettings? settings = null, JobObserver? observer = null, CancellationToken cancellation = default) =>
        TestJobs.With((runner, logger) => new TaskRunner(runner, TimeProvider.System, logger).Run(
            sweep, number, settings ?? new TaskSettings { Patience = TimeSpan.Zero }, observer ?? new CompositeObserver(), cancellation));

    /// <summary>The hash of every model below a folder, in order of their jobs.</summary>
    public static IReadOnlyList<string> Models(string folder) =>
    [
        .. Directory.GetFiles(folder, "model.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))),
    ];

    /// <summary>A result without times, and without the folders in which models lie.</summary>
    public static string Result(string folder)
    {
        JsonNode result = JsonNode.Parse(TestJobs.Result(folder))!;
        foreach (JsonNode? model in result["models"]?.AsArray() ?? [])
        {
            model!.AsObject().Remove("folder");
        }

        return result.ToJsonString();
    }
}
