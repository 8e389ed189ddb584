using System.Text.Json;
using System.Text.Json.Nodes;

namespace Differential.Service.Jobs.Rules;

/// <summary>A number, or a list of numbers to select from.</summary>
internal sealed class SettingRule : ValueRule
{
    private const int MostValues = 16;

    public override string Allowed(MemberLimits limits) => $"{limits.Describe("a number")}, or in compare jobs with select a list of 1 to {MostValues} such numbers";

    public override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits)
    {
        HashSet<double> seen = [];
        return value.ValueKind == JsonValueKind.Array
            ? WrongUnless(value.GetArrayLength() is > 0 and <= MostValues, value, limits).Concat(Entries(value, entry =>
                Finite(entry) is not double number || !limits.Contains(number) ? Mistake.Of(entry, limits.Describe("a number"))
                : seen.Add(number) ? null
                : new Mistake(string.Empty, "a number that is already in the list", "each number once")))
            : WrongUnless(Finite(value) is double single && limits.Contains(single), value, limits);
    }

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["anyOf"] = new JsonArray(
            NumberSchema("number", limits),
            new JsonObject
            {
                ["type"] = "array",
                ["minItems"] = 1,
                ["maxItems"] = MostValues,
                ["uniqueItems"] = true,
                ["items"] = NumberSchema("number", limits),
            }),
    };
}

/// <summary>The forms of a threshold.</summary>
internal sealed class ThresholdChoiceRule : ValueRule
{
    private static readonly string[] Texts = ["fitted", "zero", "validation"];
    private static readonly string[] Goals = ["accuracy", "balancedAccuracy"];
    private static readonly string[] Samples = ["train", "validation"];

    public override string Allowed(MemberLimits limits) =>
        "\"fitted\", \"zero\", \"validation\", { \"for\": \"accuracy\" or \"balancedAccuracy\" } or { \"falsePositiveRate\": a number of at least 0 and below 1 }, the last two with \"on\": \"train\" or \"validation\"";

    public override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            if (!IsOneOf(value, Texts))
            {
                yield return Wrong(value, limits);
            }

            yield break;
        }

        HashSet<string> seen = [];
        foreach (JsonProperty field in value.EnumerateObject())
        {
            string place = $".{Mistake.Name(field.Name)}";
            if (!seen.Add(field.Name))
            {
                yield return new Mistake(place, "the field stands there twice", "each field once");
            }

            Mistake? mistake = field.Name switch
            {
                "on" => IsOneOf(field.Value, Samples) ? null : new Mistake(place, Mistake.Show(field.Value), "train, validation"),
                "for" => IsOneOf(field.Value, Goals) ? null : new Mistake(place, Mistake.Show(field.Value), "accuracy, balancedAccuracy"),
                "falsePositiveRate" => Finite(field.Value) is >= 0 and < 1 ? null : new Mistake(place, Mistake.Show(field.Value), "a number of at least 0 and below 1"),
                _ => new Mistake(place, "unknown field", "on, for, falsePositiveRate"),
            };
            if (mistake is not null)
            {
                yield return mistake;
            }
        }

        if (seen.Contains("for") == seen.Contains("falsePositiveRate"))
        {
            yield return new Mistake(string.Empty, seen.Contains("for") ? "for beside falsePositiveRate" : "neither for nor falsePositiveRate", "one of the two");
        }
    }

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = Names(Texts) },
            Form("for", new JsonObject { ["enum"] = Names(Goals) }),
            Form("falsePositiveRate", new JsonObject { ["type"] = "number", ["minimum"] = 0, ["exclusiveMaximum"] = 1 })),
    };

    private static JsonObject Form(string field, JsonObject value) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { [field] = value, ["on"] = new JsonObject { ["enum"] = Names(Samples) } },
        ["required"] = new JsonArray(field),
        ["additionalProperties"] = false,
    };

    private static JsonArray Names(string[] names) => [.. names.Select(name => (JsonNode)name)];

    private static bool IsOneOf(JsonElement value, string[] names) => value.ValueKind == JsonValueKind.String && names.Contains(value.GetString()!);
}
