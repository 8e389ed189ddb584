using System.Text.Json;
using System.Text.Json.Nodes;

namespace Differential.Parity;

/// <summary>The figures of two runs of the same job, on two devices: accuracies and flip rates of each model.</summary>
internal static class RunComparison
{
    private static readonly string[] Figures = ["accuracy", "flipRate"];

    /// <summary>Writes one JSON line with the largest difference of each kind of figure; status 1 where the files do not have the same figures.</summary>
    public static int Write(string first, string second, TextWriter output)
    {
        SortedDictionary<string, double> one = Read(first), other = Read(second);
        bool same = one.Count > 0 && one.Keys.SequenceEqual(other.Keys);
        var largest = Figures.ToDictionary(static figure => figure, figure => one.Keys.Where(key => key.EndsWith(figure, StringComparison.Ordinal) && other.ContainsKey(key)).Select(key => Math.Abs(one[key] - other[key])).DefaultIfEmpty(0).Max());
        output.WriteLine(JsonSerializer.Serialize(new { figures = one.Count, same, largestDifference = largest, first = Times(first), second = Times(second) }));
        return same ? 0 : 1;
    }

    private static SortedDictionary<string, double> Read(string path)
    {
        var found = new SortedDictionary<string, double>(StringComparer.Ordinal);
        Collect(JsonNode.Parse(File.ReadAllText(path))?["models"], string.Empty, found);
        return found;
    }

    private static object? Times(string path)
    {
        JsonNode? result = JsonNode.Parse(File.ReadAllText(path));
        return new { device = result?["device"]?["kind"]?.GetValue<string>(), seconds = result?["seconds"]?.GetValue<double>() };
    }

    private static void Collect(JsonNode? node, string place, SortedDictionary<string, double> found)
    {
        if (node is JsonArray array)
        {
            for (int i = 0; i < array.Count; i++)
            {
                Collect(array[i], $"{place}[{i}]", found);
            }
        }
        else if (node is JsonObject fields)
        {
            foreach ((string name, JsonNode? value) in fields)
            {
                if (Figures.Contains(name) && value is JsonValue number && number.TryGetValue(out double figure))
                {
                    found[$"{place}.{name}"] = figure;
                }
                else
                {
                    Collect(value, $"{place}.{name}", found);
                }
            }
        }
    }
}
