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

    public override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > MaxValues)
        {
            if (value.ValueKind != JsonValueKind.String || value.GetString() is not ("train" or "none"))
            {
                yield return Wrong(value, limits);
            }

            yield break;
        }

        int index = 0;
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (Finite(element) is not double number || Math.Abs(number) > float.MaxValue)
            {
                yield return new Mistake($"[{index}]", Mistake.Show(element), "a number that float32 can hold");
            }

            index++;
        }
    }

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

    public override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int number) || !limits.Contains(number))
            {
                yield return Wrong(value, limits);
            }

            yield break;
        }

        if (!limits.Contains(value.GetArrayLength()))
        {
            yield return Wrong(value, limits);
        }

        int index = 0;
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (Entry.Find(element, MemberLimits.None) is { } mistake)
            {
                yield return mistake with { Place = $"[{index}]" };
            }

            index++;
        }
    }

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
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            if (!IsSplit(value))
            {
                yield return Wrong(value, limits);
            }

            yield break;
        }

        HashSet<string> seen = [];
        int index = 0;
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (!IsSplit(element))
            {
                yield return new Mistake($"[{index}]", Mistake.Show(element), "\"train\" or \"test\"");
            }
            else if (!seen.Add(element.GetString()!))
            {
                yield return new Mistake($"[{index}]", $"\"{element.GetString()}\" for the second time", "each split once");
            }

            index++;
        }
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
