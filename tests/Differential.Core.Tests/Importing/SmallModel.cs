using System.Text.Json;

namespace Differential.Core.Tests.Importing;

/// <summary>A model that PyTorch exported (tests/onnx/make_models.py), with what PyTorch computed in float64. Numbers are in the order of the file.</summary>
internal sealed record SmallModel(string Name, int[] Shape, int Scores, string? Stripped, float[] X, double[] Y, double[] Dx)
{
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "onnx", "small");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.onnx").Select(static path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    public string File => Path.Combine(Folder, Name + ".onnx");

    public int Count => Shape[0];

    public static SmallModel Read(string name)
    {
        using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(Folder, name + ".json")));
        JsonElement root = document.RootElement;
        return new SmallModel(
            name,
            [.. root.GetProperty("shape").EnumerateArray().Select(static value => value.GetInt32())],
            root.GetProperty("scores").GetInt32(),
            root.GetProperty("stripped").GetString(),
            [.. root.GetProperty("x").EnumerateArray().Select(static value => value.GetSingle())],
            [.. root.GetProperty("y").EnumerateArray().Select(static value => value.GetDouble())],
            [.. root.GetProperty("dx").EnumerateArray().Select(static value => value.GetDouble())]);
    }
}
