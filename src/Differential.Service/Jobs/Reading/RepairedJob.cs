using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Differential.Core;

namespace Differential.Service.Jobs.Reading;

/// <summary>
/// The rules between the fields of a job in which some fields are wrong by themselves. What is wrong is left out or replaced, in two ways that
/// have little in common: a rule that is broken both times is broken whatever was meant.
/// </summary>
internal sealed class RepairedJob
{
    private const string Hinge = """{"kind":"hinge"}""";
    private const string CrossEntropy = """{"kind":"crossEntropy"}""";
    private const string Attack = """{"kind":"deepFool"}""";

    /// <summary>What stands in for a field: of either way its JSON, or null where the field is left out. Other fields are left out.</summary>
    private static readonly Dictionary<string, string?[]> StandIns = new(StringComparer.Ordinal)
    {
        ["data"] = ["""{"kind":"points","path":"-"}""", """{"kind":"shapes","classes":3,"validation":0.5}"""],
        ["optimizer"] = [null, """{"kind":"normalizedGradient"}"""],
        ["select"] = [null, "{}"],
        ["losses"] = [$"[{Hinge}]", $"[{CrossEntropy}]"],
        ["attacks"] = [$"[{Attack}]", $"[{Attack}]"],
    };

    private static readonly string[] Models = ["\"-\"", "\"-.onnx\""];

    private readonly JsonElement _job;
    private readonly IReadOnlyList<string> _unsure;
    private readonly JsonTypeInfo _type;
    private readonly bool _hasUnknown;

    private RepairedJob(JsonElement job, JsonTypeInfo type, IReadOnlyList<string> unsure)
    {
        (_job, _type, _unsure) = (job, type, unsure);
        _hasUnknown = job.EnumerateObject().Any(member => member.Name is not ("kind" or JobSpec.SchemaField) && Property(type, member.Name) is null);
    }

    /// <summary>Adds the mistakes between the fields that can be told.</summary>
    /// <param name="job">The job.</param>
    /// <param name="mistakes">Those of its fields.</param>
    /// <param name="map">Makes (JSON path of the field, path) absolute.</param>
    public static void Check(JsonElement job, InputMistakes mistakes, Func<string, string, string> map)
    {
        string[] wrong = [.. mistakes.All.Select(static mistake => mistake.Place)];
        string place = "$";
        if (KindOf(job) == "sweep")
        {
            if (wrong.Any(static at => !Within(at, "$.job")) || !job.TryGetProperty("job", out JsonElement inner))
            {
                return;
            }

            // What the sweep varies is another thing in each of its jobs.
            wrong = [.. wrong.Select(static at => $"${at["$.job".Length..]}"), .. Varied(job)];
            (job, place) = (inner, "$.job");
        }

        if (KindOf(job) is not { } kind || TypeOf(kind) is not { } type || type.Type == typeof(SweepSpec))
        {
            return;
        }

        var repaired = new RepairedJob(job, type, wrong);
        InputException[] first = repaired.Broken(0, mistakes.File, map);
        HashSet<string> second = [.. repaired.Broken(1, mistakes.File, map).Select(static mistake => mistake.Message)];
        foreach (InputException mistake in first.Where(mistake => second.Contains(mistake.Message)))
        {
            mistakes.Add($"{place}{mistake.Place[1..]}", mistake.Found, mistake.Allowed);
        }
    }

    private static string? KindOf(JsonElement job) =>
        job.ValueKind == JsonValueKind.Object && job.TryGetProperty("kind", out JsonElement kind) && kind.ValueKind == JsonValueKind.String ? kind.GetString() : null;

    private static JsonTypeInfo? TypeOf(string kind) =>
        JobJson.Options.GetTypeInfo(typeof(JobSpec)).PolymorphismOptions!.DerivedTypes.FirstOrDefault(type => (string)type.TypeDiscriminator! == kind) is { DerivedType: { } found }
            ? JobJson.Options.GetTypeInfo(found)
            : null;

    private static IEnumerable<string> Varied(JsonElement sweep)
    {
        if (sweep.TryGetProperty("learningRates", out _))
        {
            yield return "$.optimizer";
        }

        if (sweep.TryGetProperty("fields", out JsonElement fields))
        {
            foreach (JsonProperty field in fields.EnumerateObject())
            {
                yield return $"$.{field.Name.Split('.', '[')[0]}";
            }
        }
    }

    private static JsonPropertyInfo? Property(JsonTypeInfo type, string name) => type.Properties.FirstOrDefault(property => property.Set is not null && property.Name == name);

    private InputException[] Broken(int way, string file, Func<string, string, string> map)
    {
        var found = new InputMistakes(file);
        try
        {
            JobReader.Complete(Repair(way).Deserialize<JobSpec>(JobJson.Options)!, found, map);
        }
        catch (JsonException)
        {
            // What the walk lets through and the serialiser does not is told once the rest is right.
            return [];
        }

        return [.. found.All.Where(mistake => !_unsure.Any(place => Within(mistake.Place, Unit(place))))];
    }

    private JsonObject Repair(int way)
    {
        var repaired = new JsonObject { ["kind"] = KindOf(_job) };
        foreach (JsonPropertyInfo property in _type.Properties.Where(static property => property.Set is not null))
        {
            string place = $"$.{property.Name}";
            string[] wrong = [.. _unsure.Where(at => Within(at, place))];
            JsonNode? value = !_job.TryGetProperty(property.Name, out JsonElement given) ? Absent(property, wrong, way)
                : wrong.Length == 0 ? Node(given)
                : given.ValueKind != JsonValueKind.Array || wrong.Contains(place) ? StandIn(property, way)
                : property.Name switch
                {
                    "attacks" => List(given, place, wrong, _ => JsonNode.Parse(Attack)),
                    "losses" => List(given, place, wrong, _ => JsonNode.Parse(way == 0 ? Hinge : CrossEntropy)),
                    "entries" => List(given, place, wrong, i => Entry(given[i], i, wrong, way)),
                    _ => null,
                };
            if (value is not null)
            {
                repaired[property.Name] = value;
            }
        }

        return repaired;
    }

    /// <summary>A field of an unknown name may have been meant as one that is not there.</summary>
    private JsonNode? Absent(JsonPropertyInfo property, string[] wrong, int way) =>
        property.IsRequired || wrong.Length > 0 || (_hasUnknown && way > 0) ? StandIn(property, way) : null;

    private static JsonNode? StandIn(JsonPropertyInfo property, int way) =>
        property.PropertyType == typeof(string) && property.IsRequired ? JsonNode.Parse(Models[way])
        : StandIns.TryGetValue(property.Name, out string?[]? ways) && ways[way] is { } json ? JsonNode.Parse(json)
        : null;

    private static JsonArray List(JsonElement list, string place, string[] wrong, Func<int, JsonNode?> otherwise) =>
        [.. list.EnumerateArray().Select((entry, i) => wrong.Any(at => Within(at, $"{place}[{i}]")) ? otherwise(i) : Node(entry))];

    private static JsonObject Entry(JsonElement entry, int index, string[] wrong, int way)
    {
        // No name of an entry has a bracket in it.
        var repaired = new JsonObject { ["name"] = $"[{index}]" };
        if (entry.ValueKind != JsonValueKind.Object)
        {
            return repaired;
        }

        JsonTypeInfo type = JobJson.Options.GetTypeInfo(typeof(CompareEntry));
        foreach (JsonPropertyInfo property in type.Properties.Where(static property => property.Set is not null))
        {
            bool isGiven = entry.TryGetProperty(property.Name, out JsonElement given);
            bool isRight = isGiven && !wrong.Any(at => Within(at, $"$.entries[{index}].{property.Name}"));
            JsonNode? value = isRight ? Node(given) : property.Name == "optimizer" && way > 0 ? StandIn(property, way) : null;
            if (value is not null)
            {
                repaired[property.Name] = value;
            }
        }

        return repaired;
    }

    private static JsonNode? Node(JsonElement value) => JsonNode.Parse(value.GetRawText(), null, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });

    private static bool Within(string place, string outer) =>
        place.StartsWith(outer, StringComparison.Ordinal) && (place.Length == outer.Length || place[outer.Length] is '.' or '[');

    /// <summary>What is replaced as a whole where something in it is wrong: a field of the job; an attack, a loss, a field of an entry.</summary>
    private static string Unit(string place)
    {
        string[] steps = place.Split('.');
        if (steps.Length < 2)
        {
            return place.Length > 1 ? place : "$-";
        }

        string[] lists = ["attacks[", "losses[", "entries["];
        string field = lists.Any(list => steps[1].StartsWith(list, StringComparison.Ordinal)) ? steps[1] : steps[1].Split('[')[0];
        return field.StartsWith(lists[^1], StringComparison.Ordinal) && steps.Length > 2 ? $"$.{field}.{steps[2].Split('[')[0]}" : $"$.{field}";
    }
}
