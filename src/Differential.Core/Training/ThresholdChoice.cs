using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Core.Losses;

namespace Differential.Core.Training;

/// <summary>
/// Where a decision's thresholds come from, as job files write it: "zero", "fitted", "validation", or an object with what they are best at:
/// { "for": "balancedAccuracy" } or { "falsePositiveRate": 0.01 }, each with "on": "train" or "validation" (where there are held-out
/// samples by default).
/// </summary>
[JsonConverter(typeof(ThresholdChoiceConverter))]
public sealed record ThresholdChoice
{
    internal const string OnField = "on";
    internal const string ForField = "for";
    internal const string RateField = "falsePositiveRate";
    internal const string TrainText = "train";
    internal const string ValidationText = "validation";

    /// <param name="rule">The samples; null for the held-out ones where there are any, else the training ones.</param>
    /// <param name="goal">What the thresholds are best at.</param>
    public ThresholdChoice(ThresholdRule? rule, ThresholdGoal? goal = null) => (Rule, Goal) = (rule, goal ?? ThresholdGoal.Accuracy);

    public ThresholdRule? Rule { get; init; }

    public ThresholdGoal Goal { get; init; }

    public static implicit operator ThresholdChoice(ThresholdRule rule) => FromThresholdRule(rule);

    public static ThresholdChoice FromThresholdRule(ThresholdRule rule) => new(rule);

    /// <summary>With the samples that stand for none.</summary>
    /// <param name="hasValidation">Whether the job has held-out samples.</param>
    public ThresholdChoice Resolve(bool hasValidation) => this with { Rule = Rule ?? (hasValidation ? ThresholdRule.Validation : ThresholdRule.Fitted) };
}

/// <summary>Reads and writes the forms of a <see cref="ThresholdChoice"/>.</summary>
public sealed class ThresholdChoiceConverter : JsonConverter<ThresholdChoice>
{
    public override ThresholdChoice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        JsonElement value = document.RootElement;
        if (value.ValueKind == JsonValueKind.String)
        {
            return new ThresholdChoice(RuleOf(value.GetString()));
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("neither a text nor an object");
        }

        ThresholdRule? rule = value.TryGetProperty(ThresholdChoice.OnField, out JsonElement on) ? RuleOf(on.GetString() == ThresholdChoice.TrainText ? "fitted" : on.GetString()) : null;
        return value.TryGetProperty(ThresholdChoice.RateField, out JsonElement rate)
            ? new ThresholdChoice(rule, ThresholdGoal.AtFalsePositiveRate(rate.GetDouble()))
            : new ThresholdChoice(rule, value.TryGetProperty(ThresholdChoice.ForField, out JsonElement goal) && goal.GetString() == "balancedAccuracy" ? ThresholdGoal.BalancedAccuracy : null);
    }

    public override void Write(Utf8JsonWriter writer, ThresholdChoice value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Goal.Kind == ThresholdGoalKind.Accuracy && value.Rule is { } rule)
        {
            writer.WriteStringValue(rule switch { ThresholdRule.Zero => "zero", ThresholdRule.Validation => ThresholdChoice.ValidationText, _ => "fitted" });
            return;
        }

        writer.WriteStartObject();
        if (value.Rule is { } samples)
        {
            writer.WriteString(ThresholdChoice.OnField, samples == ThresholdRule.Validation ? ThresholdChoice.ValidationText : ThresholdChoice.TrainText);
        }

        if (value.Goal.FalsePositiveRate is double rate)
        {
            writer.WriteNumber(ThresholdChoice.RateField, rate);
        }
        else
        {
            writer.WriteString(ThresholdChoice.ForField, value.Goal.Kind == ThresholdGoalKind.Accuracy ? "accuracy" : "balancedAccuracy");
        }

        writer.WriteEndObject();
    }

    private static ThresholdRule RuleOf(string? text) => text switch
    {
        "zero" => ThresholdRule.Zero,
        "fitted" => ThresholdRule.Fitted,
        ThresholdChoice.ValidationText => ThresholdRule.Validation,
        _ => throw new JsonException($"no threshold \"{text}\""),
    };
}
