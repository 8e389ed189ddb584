using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Kernels.Losses;

namespace Differential.Core.Losses;

/// <summary>The loss that a training minimises. All are means.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DifferentialOptions), "differential")]
[JsonDerivedType(typeof(CrossEntropyOptions), "crossEntropy")]
[JsonDerivedType(typeof(SquaredErrorOptions), "squaredError")]
[JsonDerivedType(typeof(HingeOptions), "hinge")]
public abstract record LossOptions
{
    /// <summary>The kind as job files name it.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    /// <summary>What decides where no threshold is asked for: a fitted one for losses that leave the bias open.</summary>
    [JsonIgnore]
    public virtual ThresholdRule DefaultThreshold => ThresholdRule.Zero;
}

[Description("The mean over pairs of opposite classes of ℓ(τ(s(x) − s(y) − 2m)): differential training. Of three classes or more the mean over classes a and pairs of a sample x of a and y of another class of ℓ(τ(z_a(x) − z_a(y) − 2m)).")]
public sealed record DifferentialOptions : LossOptions
{
    [Description("ℓ: logistic log(1 + e^−d), squared (1 − d)², hinge max(0, 1 − d), exponential e^−d.")]
    public Surrogate Surrogate { get; init; } = Surrogate.Logistic;

    [Description("All opposite-class pairs of the batch, or, of two classes, the i-th with the i-th.")]
    public PairSelection Pairs { get; init; } = PairSelection.All;

    [Description("τ: how sharply differences of scores count. Networks of kind lipschitz, whose scores are small, need more than 1.")]
    [Range(1e-6, 1e6)]
    public double Temperature { get; init; } = 1;

    [Description("m: a pair is asked to differ by twice this much.")]
    [Range(0.0, 1e6)]
    public double Margin { get; init; }

    [JsonIgnore]
    public override string Name => "differential";

    [JsonIgnore]
    public override ThresholdRule DefaultThreshold => ThresholdRule.Fitted;
}

[Description("Cross-entropy with labels ±1: log(1 + e^(−τ(y·s − m))); of three classes or more the softmax's: log(1 + Σ e^(−τ(z_y − z_k − m))) over the other classes k.")]
public sealed record CrossEntropyOptions : LossOptions
{
    [Description("τ: how sharply scores count. Networks of kind lipschitz, whose scores are small, need more than 1.")]
    [Range(1e-6, 1e6)]
    public double Temperature { get; init; } = 1;

    [Description("m: a score is asked to be this far on its side.")]
    [Range(0.0, 1e6)]
    public double Margin { get; init; }

    [JsonIgnore]
    public override string Name => "crossEntropy";
}

[Description("(y − s)²; of three classes or more the mean over their scores, y = 1 at the own class and −1 elsewhere.")]
public sealed record SquaredErrorOptions : LossOptions
{
    [JsonIgnore]
    public override string Name => "squaredError";
}

[Description("max(0, 1 − y·s); of three classes or more the mean over their scores, y = 1 at the own class and −1 elsewhere.")]
public sealed record HingeOptions : LossOptions
{
    [JsonIgnore]
    public override string Name => "hinge";
}

/// <summary>Where a trained network's decision threshold comes from.</summary>
public enum ThresholdRule
{
    /// <summary>The network's own bias decides: the threshold is 0.</summary>
    Zero,

    /// <summary>Fitted on the training scores: the midpoint where they separate, else the fewest training errors; of three classes or more one for each.</summary>
    Fitted,
}
