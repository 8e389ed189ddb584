using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Optimizers;

/// <summary>How parameters are updated.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SgdOptions), "sgd")]
[JsonDerivedType(typeof(AdamOptions), "adam")]
[JsonDerivedType(typeof(NormalizedGradientOptions), "normalizedGradient")]
public abstract record OptimizerOptions
{
    [Description("The learning rate over the run: constant, or a half cosine down to 0.")]
    public Schedule Schedule { get; init; } = Schedule.Constant;

    /// <summary>The initial learning rate.</summary>
    [JsonIgnore]
    public abstract double InitialLearningRate { get; }
}

/// <summary>How the learning rate changes over a run.</summary>
public enum Schedule
{
    /// <summary>The same at every step.</summary>
    Constant,

    /// <summary>η·(1 + cos(π·step / steps)) / 2.</summary>
    Cosine,
}

[Description("Stochastic gradient descent as PyTorch defines it.")]
public sealed record SgdOptions : OptimizerOptions
{
    [Range(1e-12, 1e6)]
    public double LearningRate { get; init; } = 0.02;

    [Range(0.0, 0.999999)]
    public double Momentum { get; init; }

    [Description("Nesterov's form of the momentum.")]
    public bool Nesterov { get; init; }

    [Range(0.0, 1e3)]
    public double WeightDecay { get; init; }

    [JsonIgnore]
    public override double InitialLearningRate => LearningRate;
}

[Description("Adam as PyTorch defines it, weight decay added to the gradient.")]
public sealed record AdamOptions : OptimizerOptions
{
    [Range(1e-12, 1e6)]
    public double LearningRate { get; init; } = 0.001;

    [Range(0.0, 0.999999999)]
    public double Beta1 { get; init; } = 0.9;

    [Range(0.0, 0.999999999)]
    public double Beta2 { get; init; } = 0.999;

    [Range(1e-30, 1.0)]
    public double Epsilon { get; init; } = 1e-8;

    [Range(0.0, 1e3)]
    public double WeightDecay { get; init; }

    [JsonIgnore]
    public override double InitialLearningRate => LearningRate;
}

[Description("Full-batch steps along the gradient divided by the loss (the gradient of the loss's logarithm); the batch size is ignored.")]
public sealed record NormalizedGradientOptions : OptimizerOptions
{
    [Range(1e-12, 1e6)]
    public double LearningRate { get; init; } = 0.1;

    [Description("0, a number below 1, or \"nesterov\" (Ji, Srebro, Telgarsky 2021).")]
    public NormalizedMomentum Momentum { get; init; }

    [JsonIgnore]
    public override double InitialLearningRate => LearningRate;
}

/// <summary>A momentum of the normalised gradient: a number in [0, 1), or Nesterov's t/(t + 1).</summary>
[JsonConverter(typeof(NormalizedMomentumConverter))]
public readonly record struct NormalizedMomentum(double Value, bool IsNesterov)
{
    public static NormalizedMomentum Nesterov => new(0, true);
}

/// <summary>Reads a number or "nesterov".</summary>
public sealed class NormalizedMomentumConverter : JsonConverter<NormalizedMomentum>
{
    public override NormalizedMomentum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => new NormalizedMomentum(reader.GetDouble(), false),
        JsonTokenType.String when reader.GetString() == "nesterov" => NormalizedMomentum.Nesterov,
        _ => throw new JsonException("neither a number nor \"nesterov\""),
    };

    public override void Write(Utf8JsonWriter writer, NormalizedMomentum value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (value.IsNesterov)
        {
            writer.WriteStringValue("nesterov");
        }
        else
        {
            writer.WriteNumberValue(value.Value);
        }
    }
}
