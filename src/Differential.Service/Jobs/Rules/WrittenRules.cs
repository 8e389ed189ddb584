using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core.Numerics;

namespace Differential.Service.Jobs.Rules;

/// <summary>A number or a fraction such as "8/255".</summary>
internal sealed class FractionRule : WholeValueRule
{
    public override string Allowed(MemberLimits limits) => $"{limits.Describe("a number")}, or a fraction such as \"8/255\"";

    public override Mistake? Find(JsonElement value, MemberLimits limits)
    {
        double? number = value.ValueKind == JsonValueKind.String ? Fraction.Parse(value.GetString()!)?.Value : Finite(value);
        return number is double found && limits.Contains(found) ? null : Wrong(value, limits);
    }

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["anyOf"] = new JsonArray(
            NumberSchema("number", limits),
            new JsonObject { ["type"] = "string", ["pattern"] = @"^\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*(/\s*\+?[0-9.]+([eE][-+]?[0-9]+)?\s*)?$" }),
    };
}

/// <summary>"train", "none" or a number per channel.</summary>
internal sealed class InputMeanRule : ValueRule
{
    private const int MaxValues = 1_000_000;

    public override string Allowed(MemberLimits limits) => "\"train\", \"none\" or a list of a number per channel";

    public override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is > 0 and <= MaxValues
            ? Entries(value, static entry => Finite(entry) is double number && Math.Abs(number) <= float.MaxValue ? null : Mistake.Of(entry, "a number that float32 can hold"))
            : WrongUnless(value.ValueKind == JsonValueKind.String && value.GetString() is ("train" or "none"), value, limits);

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray("train", "none") },
            new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = new JsonObject { ["type"] = "number" } }),
    };
}

/// <summary>A number in [0, 1) or "nesterov".</summary>
internal sealed class NormalizedMomentumRule : WholeValueRule
{
    public override string Allowed(MemberLimits limits) => "a number of at least 0 and below 1, or \"nesterov\"";

    public override Mistake? Find(JsonElement value, MemberLimits limits) =>
        value.ValueKind == JsonValueKind.String
            ? value.GetString() == "nesterov" ? null : Wrong(value, limits)
            : Finite(value) is >= 0 and < 1 ? null : Wrong(value, limits);

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["const"] = "nesterov" },
            new JsonObject { ["type"] = "number", ["minimum"] = 0, ["exclusiveMaximum"] = 1 }),
    };
}

/// <summary>A class by its name or its number.</summary>
internal sealed class ClassNameRule : WholeValueRule
{
    private const int MaxCharacters = 100;

    public override string Allowed(MemberLimits limits) => "a class's name or number";

    public override Mistake? Find(JsonElement value, MemberLimits limits) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString()! is { Length: > 0 and <= MaxCharacters } name && !name.Any(char.IsControl) => null,
        JsonValueKind.Number when value.TryGetInt32(out int number) && number >= 0 => null,
        _ => Wrong(value, limits),
    };

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = MaxCharacters },
            new JsonObject { ["type"] = "integer", ["minimum"] = 0 }),
    };
}

/// <summary>A number of classes or a list of them.</summary>
internal sealed class PointClassesRule : ValueRule
{
    private static readonly ClassNameRule Entry = new();

    public override string Allowed(MemberLimits limits) => $"{limits.Describe("a whole number")}, or a list of so many classes";

    public override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits) =>
        value.ValueKind == JsonValueKind.Array
            ? WrongUnless(limits.Contains(value.GetArrayLength()), value, limits).Concat(Entries(value, static entry => Entry.Find(entry, MemberLimits.None)))
            : WrongUnless(value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && limits.Contains(number), value, limits);

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["anyOf"] = new JsonArray(
            NumberSchema("integer", limits),
            new JsonObject { ["type"] = "array", ["minItems"] = limits.Low, ["maxItems"] = limits.High, ["items"] = Entry.Schema(MemberLimits.None) }),
    };
}

/// <summary>"train", "test" or a list of these.</summary>
internal sealed class SplitSelectionRule : ValueRule
{
    public override string Allowed(MemberLimits limits) => "\"train\", \"test\" or a list of both";

    public override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits)
    {
        HashSet<string> seen = [];
        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? Entries(value, entry => !IsSplit(entry) ? Mistake.Of(entry, "\"train\" or \"test\"")
                : seen.Add(entry.GetString()!) ? null
                : new Mistake(string.Empty, $"\"{entry.GetString()}\" for the second time", "each split once"))
            : WrongUnless(IsSplit(value), value, limits);
    }

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray("train", "test") },
            new JsonObject
            {
                ["type"] = "array",
                ["minItems"] = 1,
                ["uniqueItems"] = true,
                ["items"] = new JsonObject { ["enum"] = new JsonArray("train", "test") },
            }),
    };

    private static bool IsSplit(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && SplitSelection.Allowed.Contains(value.GetString()!);
}
