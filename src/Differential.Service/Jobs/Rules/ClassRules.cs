using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core.Data;

namespace Differential.Service.Jobs.Rules;

/// <summary>"equal" or a weight for each class.</summary>
internal sealed class ClassWeightsRule : ValueRule
{
    private const double Most = 1e6;

    public override string Allowed(MemberLimits limits) => $"\"equal\", or a list of numbers from 0 to {Most}, one for each class, not all 0";

    public override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits) =>
        value.ValueKind == JsonValueKind.Array
            ? Entries(value, static entry => Finite(entry) is >= 0 and <= Most ? null : Mistake.Of(entry, $"a number from 0 to {Most}"))
                .Concat(WrongUnless(value.GetArrayLength() is >= 2 and <= DataOptions.MaxClasses && !value.EnumerateArray().All(static entry => Finite(entry) == 0), value, limits))
            : WrongUnless(value.ValueKind == JsonValueKind.String && value.GetString() == "equal", value, limits);

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["const"] = "equal" },
            new JsonObject
            {
                ["type"] = "array",
                ["minItems"] = 2,
                ["maxItems"] = DataOptions.MaxClasses,
                ["items"] = new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = Most },
            }),
    };
}

/// <summary>An object of class names and numbers of samples.</summary>
internal sealed class ClassCountsRule : ValueRule
{
    public override string Allowed(MemberLimits limits) => $"an object of 1 to {DataOptions.MaxClasses} classes, each with a whole number of at least 1: {{ \"horse\": 125 }}";

    public override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Count() is 0 or > DataOptions.MaxClasses)
        {
            yield return Wrong(value, limits);
            yield break;
        }

        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty item in value.EnumerateObject())
        {
            string place = Mistake.PlaceOf(item.Name);
            if (!seen.Add(item.Name))
            {
                yield return new Mistake(place, "the class stands there twice", "each class once");
            }

            if (item.Value.ValueKind != JsonValueKind.Number || !item.Value.TryGetInt32(out int count) || count < 1)
            {
                yield return new Mistake(place, Mistake.Show(item.Value), "a whole number of at least 1");
            }
        }
    }

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["type"] = "object",
        ["minProperties"] = 1,
        ["maxProperties"] = DataOptions.MaxClasses,
        ["additionalProperties"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1 },
    };
}

/// <summary>A share of the training samples, or a path.</summary>
internal sealed class HeldOutRule : WholeValueRule
{
    private static readonly TextRule Path = new();

    public override string Allowed(MemberLimits limits) => "a number above 0 and below 1, or a path";

    public override Mistake? Find(JsonElement value, MemberLimits limits) => value.ValueKind == JsonValueKind.String
        ? Path.Find(value, MemberLimits.None) is null ? null : Wrong(value, limits)
        : Finite(value) is > 0 and < 1 ? null : Wrong(value, limits);

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0, ["exclusiveMaximum"] = 1 },
            Path.Schema(MemberLimits.None)),
    };
}
