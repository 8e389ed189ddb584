using System.Text.Json;
using Differential.Kernels.Devices;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Golden;

/// <summary>A case of a golden file: parameters and arrays by name.</summary>
internal sealed class GoldenCase
{
    /// <summary>Sums of some hundred products of normal numbers: absolute, since they may cancel.</summary>
    private const double Absolute = 2e-5;

    private const double Relative = 1e-5;

    private readonly JsonElement _element;

    private GoldenCase(JsonElement element) => _element = element;

    public string Name => Text("name");

    /// <summary>The cases of golden/<paramref name="file"/>.json beside the tests.</summary>
    public static IReadOnlyList<GoldenCase> Read(string file)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "golden", file + ".json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return [.. document.RootElement.Clone().EnumerateArray().Select(e => new GoldenCase(e))];
    }

    public static GoldenCase Read(string file, string name) => Read(file).Single(c => c.Name == name);

    public string Text(string field) => _element.GetProperty(field).GetString()!;

    public int Int(string field) => _element.GetProperty(field).GetInt32();

    public int[] Ints(string field) => [.. _element.GetProperty(field).EnumerateArray().Select(v => v.GetInt32())];

    public float Float(string field) => _element.GetProperty(field).GetSingle();

    public bool Flag(string field) => _element.GetProperty(field).GetBoolean();

    public float[] Array(string field) => [.. _element.GetProperty(field).EnumerateArray().Select(v => v.GetSingle())];

    public double[] Expected(string field) => [.. _element.GetProperty(field).EnumerateArray().Select(v => v.GetDouble())];

    /// <summary>Holds results to the case's fields of these names.</summary>
    public void AssertAll(params ReadOnlySpan<(string Field, Tensor<float> Actual)> results)
    {
        foreach ((string field, Tensor<float> actual) in results)
        {
            Numbers.AssertClose(Expected(field), actual, Relative, Absolute, field);
        }
    }
}
