using System.Text.Json;
using System.Text.Json.Nodes;

namespace Differential.Service.Jobs.Rules;

/// <summary>What a job file may write for one type of value: for the check, its messages and the schema.</summary>
internal abstract class ValueRule
{
    /// <summary>What is allowed, as the end of a message.</summary>
    public abstract string Allowed(MemberLimits limits);

    /// <summary>Everything that is wrong with a value that is not null.</summary>
    public abstract IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits);

    /// <summary>The JSON schema of the value; null where the exporter's own is right but for the bounds.</summary>
    public virtual JsonObject? Schema(MemberLimits limits) => null;

    /// <summary>The value as a whole, where it is not right.</summary>
    protected IEnumerable<Mistake> WrongUnless(bool isRight, JsonElement value, MemberLimits limits) => isRight ? [] : [Wrong(value, limits)];

    protected Mistake Wrong(JsonElement value, MemberLimits limits) => Mistake.Of(value, Allowed(limits));

    /// <summary>What is wrong with the entries of a list, each at its place.</summary>
    /// <param name="list">The list.</param>
    /// <param name="find">What is wrong with an entry; null where nothing is.</param>
    protected static IEnumerable<Mistake> Entries(JsonElement list, Func<JsonElement, Mistake?> find) =>
        list.EnumerateArray().Select((entry, i) => find(entry) is { } mistake ? mistake with { Place = $"[{i}]" } : null).OfType<Mistake>();

    /// <summary>A JSON number as a finite double; null for other values and for 1e999.</summary>
    protected static double? Finite(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;

    /// <summary>The schema of a number within bounds.</summary>
    protected static JsonObject NumberSchema(string type, MemberLimits limits)
    {
        var schema = new JsonObject { ["type"] = type };
        if (limits.HasLow)
        {
            schema["minimum"] = limits.Low;
        }

        if (limits.HasHigh)
        {
            schema["maximum"] = limits.High;
        }

        return schema;
    }
}

/// <summary>The rule of a value that is right or wrong as a whole.</summary>
internal abstract class WholeValueRule : ValueRule
{
    public sealed override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits) => Find(value, limits) is { } mistake ? [mistake] : [];

    /// <summary>What is wrong; null where nothing is.</summary>
    public abstract Mistake? Find(JsonElement value, MemberLimits limits);
}
