using System.Globalization;

namespace Differential.Service.Tests.History;

/// <summary>Folders of runs with a job and a result each.</summary>
internal static class RunFolders
{
    public static void Train(string folder, string id, string loss, double accuracy, int day, double rate = 0.02) => Write(
        folder,
        id,
        $$"""{ "kind": "train", "name": "{{id}}", "data": { "kind": "shapes" }, "loss": { "kind": "{{loss}}" }, "optimizer": { "kind": "sgd", "learningRate": {{Text(rate)}} }, "epochs": 3 }""",
        $$"""{ "kind": "train", "name": "{{id}}", {{Header(id, "done", day)}}, "train": { "count": 10, "accuracy": 1 }, "test": { "count": 10, "accuracy": {{Text(accuracy)}} }, "loss": 0.5, "scoreMargin": -1 }""");

    public static void Compare(string folder, string id, int day) => Write(
        folder,
        id,
        """{ "kind": "compare", "name": "both", "data": { "kind": "cifar10" }, "losses": [ { "kind": "crossEntropy" }, { "kind": "differential" } ], "epochs": 3 }""",
        $$"""
        { "kind": "compare", "name": "both", {{Header(id, "done", day)}}, "models": [
          { "name": "crossEntropy", "seed": 1, "train": { "count": 10, "accuracy": 1 }, "test": { "count": 10, "accuracy": 0.99 }, "splits": { "test": {{Split(0.99, 0.5)}} } },
          { "name": "differential", "seed": 1, "train": { "count": 10, "accuracy": 1 }, "test": { "count": 10, "accuracy": 0.9 }, "splits": { "test": {{Split(0.9, 0.2)}} } } ] }
        """);

    public static void Failed(string folder, string id, int day) => Write(
        folder, id, """{ "kind": "theory", "data": { "kind": "affine" } }""", $$"""{ "kind": "theory", "name": "theory", {{Header(id, "failed", day)}}, "error": "no hyperplane" }""");

    public static void Write(string folder, string id, string job, string result)
    {
        string run = Directory.CreateDirectory(Path.Combine(folder, id)).FullName;
        File.WriteAllText(Path.Combine(run, "job.json"), job);
        File.WriteAllText(Path.Combine(run, "result.json"), result);
    }

    // Of 100 samples attacked at three budgets; the middle one is what runs are compared by.
    private static string Split(double accuracy, double flipRate) =>
        $$"""
        { "count": 100, "correct": 90, "accuracy": {{Text(accuracy)}}, "attacked": 50, "attacks": [
          { "kind": "pgd", "norm": "l2", "epsilon": 0.25, "flipRate": 0.1 }, { "kind": "pgd", "norm": "l2", "epsilon": 0.5, "flipRate": {{Text(flipRate)}} },
          { "kind": "fgsm", "norm": "l2", "epsilon": 0.5, "flipRate": 0.05 }, { "kind": "pgd", "norm": "l2", "epsilon": 1, "flipRate": 1 } ] }
        """;

    private static string Header(string id, string status, int day) => string.Create(
        CultureInfo.InvariantCulture,
        $"\"id\": \"{id}\", \"status\": \"{status}\", \"seed\": 1, \"device\": {{ \"kind\": \"simd\", \"name\": \"cpu\", \"precision\": \"float32\" }}, \"started\": \"2026-03-{day:00}T10:00:00+00:00\", \"finished\": \"2026-03-{day:00}T10:01:00+00:00\", \"seconds\": {day * 10}");

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
