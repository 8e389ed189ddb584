using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Sweep;

/// <summary>The figures of a result.json that fit into a table: name → value.</summary>
internal static class SweepSummary
{
    public static IReadOnlyDictionary<string, double?> Of(JsonObject result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var figures = new Dictionary<string, double?>();
        Training(result, string.Empty, figures);
        Attacks(result["splits"] as JsonObject, string.Empty, figures);
        if (result["kind"]?.GetValue<string>() == "theory")
        {
            Add(figures, "svmMargin", result["svmMargin"]);
            Add(figures, "boundaryBound", result["boundaryBound"]);
            foreach ((string name, JsonNode? model) in (result["models"] as JsonObject) ?? [])
            {
                Add(figures, $"{name} marginRatio", model?["marginRatio"]);
            }
        }
        else
        {
            foreach (JsonObject model in ((result["models"] as JsonArray) ?? []).OfType<JsonObject>())
            {
                string name = $"{(string?)model["name"]} ";
                Training(model, name, figures);
                Attacks(model["splits"] as JsonObject, name, figures);
            }
        }

        return figures;
    }

    private static void Training(JsonObject part, string prefix, Dictionary<string, double?> figures)
    {
        if (part["train"] is JsonObject train)
        {
            Add(figures, $"{prefix}trainAccuracy", train["accuracy"]);
            Add(figures, $"{prefix}testAccuracy", part["test"]?["accuracy"]);
            Add(figures, $"{prefix}loss", part["loss"]);
            Add(figures, $"{prefix}scoreMargin", part["scoreMargin"]);
        }
    }

    private static void Attacks(JsonObject? splits, string prefix, Dictionary<string, double?> figures)
    {
        foreach ((string split, JsonNode? attacked) in splits ?? [])
        {
            foreach (JsonObject row in ((attacked?["robust"] as JsonArray) ?? []).OfType<JsonObject>())
            {
                string within = $"{prefix}{split} {(string?)row["norm"]} {Numbers.Budget(row["epsilon"]!.GetValue<double>())}";
                Add(figures, $"{within} robustAccuracy", row["robustAccuracy"]);
                if (row["certifiedAccuracy"] is not null)
                {
                    Add(figures, $"{within} certifiedAccuracy", row["certifiedAccuracy"]);
                }
            }

            foreach (JsonObject row in ((attacked?["attacks"] as JsonArray) ?? []).OfType<JsonObject>())
            {
                string attack = $"{prefix}{split} {(string?)row["kind"]} {(string?)row["norm"]}";
                if (row["epsilon"] is JsonValue epsilon)
                {
                    Add(figures, $"{attack} {Numbers.Budget(epsilon.GetValue<double>())} flipRate", row["flipRate"]);
                }
                else
                {
                    Add(figures, $"{attack} medianDistance", row["distance"]?["median"]);
                }
            }
        }
    }

    private static void Add(Dictionary<string, double?> figures, string name, JsonNode? value) =>
        figures[name] = value?.GetValueKind() == JsonValueKind.Number ? value.GetValue<double>() : null;
}
