using System.Text.Json.Serialization;
using Differential.Kernels.Devices;

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

    /// <summary>The loss with these settings, planned for up to <paramref name="maxCount"/> samples; the caller owns it.</summary>
    /// <param name="device">Where scores and labels are.</param>
    /// <param name="maxCount">Samples at most.</param>
    /// <param name="scores">Scores of a sample: 1 for two classes, else one for each class.</param>
    /// <exception cref="NotSupportedException">The loss is not for so many classes.</exception>
    public abstract Loss CreateLoss(ComputeDevice device, int maxCount, int scores = 1);
}

/// <summary>Where a trained network's decision threshold comes from.</summary>
public enum ThresholdRule
{
    /// <summary>The network's own bias decides: the threshold is 0.</summary>
    Zero,

    /// <summary>Fitted on the training scores: the midpoint where they separate, else the fewest training errors; of three classes or more one for each.</summary>
    Fitted,
}
