using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core.Decisions;
using Differential.Core.Files;
using Differential.Core.Numerics;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Sweep;

namespace Differential.Service.History;

/// <summary>Reads a run's folder: its job and its result.</summary>
internal static class RunReader
{
    /// <summary>A run that has ended, of this version of the program or an earlier one; null where the folder holds none, or none that can be read.</summary>
    public static RunSummary? Read(string folder, string id)
    {
        try
        {
            JsonObject result = JsonNode.Parse(RegularFile.ReadAllBytes(Path.Combine(folder, "result.json")))!.AsObject();
            JobState state = Enum.Parse<JobState>((string)result["status"]!, ignoreCase: true);
            Dictionary<string, FieldValue> fields = JobFields(Path.Combine(folder, "job.json"));
            (string Norm, double Epsilon)? budget = BudgetOf(result);
            RunNetwork[] networks = [.. Networks(result, fields, budget)];
            var run = new RunSummary
            {
                Id = id,
                Name = (string?)result["name"] ?? (string)result["kind"]!,
                Kind = (string)result["kind"]!,
                State = state,
                Device = (string?)result["device"]?["kind"] ?? "unknown",
                Started = (DateTimeOffset)result["started"]!,
                Finished = (DateTimeOffset)result["finished"]!,
                Seconds = Number(result["seconds"]) ?? 0,
                Error = (string?)result["error"],
                Networks = networks,
                Accuracy = networks.Max(static n => n.Accuracy),
                RobustAccuracy = networks.Max(static n => n.RobustAccuracy),
                RobustAt = budget is var (norm, epsilon) ? $"{SymbolOf(norm)} {new Fraction(epsilon).ToText()}" : null,
                Folder = folder,
                Figures = state == JobState.Done ? SweepSummary.Of(result) : new Dictionary<string, double?>(),
            };
            foreach ((string name, FieldValue value) in OwnFields(run))
            {
                fields[name] = value;
            }

            return run with { Fields = fields };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException or ArgumentException or NullReferenceException)
        {
            return null;
        }
    }

    private static IEnumerable<(string Name, FieldValue Value)> OwnFields(RunSummary run)
    {
        yield return ("id", FieldValue.Of(run.Id));
        yield return ("name", FieldValue.Of(run.Name));
        yield return ("kind", FieldValue.Of(run.Kind));
        yield return ("state", FieldValue.Of(run.State.ToText()));
        yield return ("device", FieldValue.Of(run.Device));
        yield return ("started", FieldValue.Of(run.Started.UtcDateTime.ToString("s", CultureInfo.InvariantCulture)));
        yield return ("finished", FieldValue.Of(run.Finished.UtcDateTime.ToString("s", CultureInfo.InvariantCulture)));
        yield return ("seconds", FieldValue.Of(run.Seconds));
        if (run.Error is { } error)
        {
            yield return ("error", FieldValue.Of(error));
        }
    }

    /// <summary>The job's values by their paths: "optimizer.learningRate"; an object's kind by the object's own name as well.</summary>
    private static Dictionary<string, FieldValue> JobFields(string file)
    {
        var fields = new Dictionary<string, FieldValue>(StringComparer.OrdinalIgnoreCase);
        if (!File.Exists(file))
        {
            return fields;
        }

        using var job = JsonDocument.Parse(RegularFile.ReadAllBytes(file));
        Add(job.RootElement, string.Empty);
        return fields;

        void Add(JsonElement value, string path)
        {
            if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    Add(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}");
                }

                if (path.Length > 0 && value.TryGetProperty("kind", out JsonElement kind) && kind.ValueKind == JsonValueKind.String)
                {
                    fields.TryAdd(path, FieldValue.Of(kind));
                }
            }
            else if (value.ValueKind != JsonValueKind.Null)
            {
                fields[path] = FieldValue.Of(value);
            }
        }
    }

    private static IEnumerable<RunNetwork> Networks(JsonObject result, Dictionary<string, FieldValue> job, (string Norm, double Epsilon)? budget)
    {
        if (result["models"] is JsonArray models)
        {
            foreach (JsonObject model in models.OfType<JsonObject>())
            {
                string name = (string?)model["name"] ?? string.Empty;
                yield return Network(model, budget) with { Name = name, Loss = LossOf(name, job), Seed = (long?)model["seed"] };
            }
        }
        else if (result["train"] is not null || result["splits"] is not null)
        {
            yield return Network(result, budget) with { Loss = job.TryGetValue("loss", out FieldValue loss) ? loss.Text : null, Seed = (long?)result["seed"] };
        }
    }

    private static RunNetwork Network(JsonObject part, (string Norm, double Epsilon)? budget) => new()
    {
        TrainAccuracy = Number(part["train"]?["accuracy"]),
        Accuracy = Number(part["test"]?["accuracy"]) ?? Number(SplitOf(part)?["accuracy"]),
        RobustAccuracy = budget is var (norm, epsilon) && SplitOf(part) is { } split ? Robust(split, norm, epsilon) : null,
    };

    /// <summary>The robust accuracy as the result has it; else from the attack that flips most within the budget.</summary>
    private static double? Robust(JsonObject split, string norm, double epsilon)
    {
        if (Rows(split["robust"]).FirstOrDefault(r => IsAt(r, norm, epsilon)) is { } row && Number(row["robustAccuracy"]) is { } robust)
        {
            return robust;
        }

        double[] rates = [.. Rows(split["attacks"]).Where(r => IsAt(r, norm, epsilon)).Select(static r => Number(r["flipRate"])).OfType<double>()];
        return rates.Length > 0 && Number(split["accuracy"]) is { } accuracy ? accuracy * (1 - rates.Max()) : null;
    }

    /// <summary>The budget by which runs are compared: the middle one of the first norm that was attacked.</summary>
    private static (string Norm, double Epsilon)? BudgetOf(JsonObject result)
    {
        JsonObject? part = (result["models"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault() ?? result;
        JsonObject[] rows = [.. Rows(SplitOf(part)?["attacks"]).Where(static r => Number(r["epsilon"]) > 0)];
        if (rows.Length == 0)
        {
            return null;
        }

        string norm = (string)rows[0]["norm"]!;
        double[] budgets = [.. rows.Where(r => (string?)r["norm"] == norm).Select(static r => Number(r["epsilon"])!.Value).Distinct().Order()];
        return (norm, budgets[budgets.Length / 2]);
    }

    private static JsonObject? SplitOf(JsonObject part) => part["splits"] is JsonObject splits ? (splits["test"] ?? splits.FirstOrDefault().Value) as JsonObject : null;

    private static IEnumerable<JsonObject> Rows(JsonNode? list) => (list as JsonArray)?.OfType<JsonObject>() ?? [];

    private static bool IsAt(JsonObject row, string norm, double epsilon) => (string?)row["norm"] == norm && Number(row["epsilon"]) == epsilon;

    private static double? Number(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number ? value.GetValue<double>() : null;

    private static string SymbolOf(string norm) => Enum.TryParse(norm, ignoreCase: true, out AttackNorm known) ? known.Symbol() : norm;

    // A loss is named by its kind, with a number behind it where a kind comes more than once; an entry names its loss itself.
    private static string LossOf(string name, Dictionary<string, FieldValue> job)
    {
        if (job.TryGetValue("entries", out FieldValue entries))
        {
            using var list = JsonDocument.Parse(entries.Text);
            JsonElement entry = list.RootElement.EnumerateArray().FirstOrDefault(e => e.TryGetProperty("name", out JsonElement n) && n.GetString() == name);
            if (entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("loss", out JsonElement loss) && loss.TryGetProperty("kind", out JsonElement kind))
            {
                return kind.GetString() ?? name;
            }
        }

        int dash = name.LastIndexOf('-');
        return dash > 0 && name[(dash + 1)..].All(char.IsAsciiDigit) ? name[..dash] : name;
    }
}
