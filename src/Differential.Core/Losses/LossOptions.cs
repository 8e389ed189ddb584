using System.Text.Json.Serialization;
using Differential.Kernels.Devices;

namespace Differential.Core.Losses;

/// <summary>The loss that a training minimises. All are means.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DifferentialOptions), "differential")]
[JsonDerivedType(typeof(CrossEntropyOptions), "crossEntropy")]
[JsonDerivedType(typeof(SquaredErrorOptions), "squaredError")]
[JsonDerivedType(typeof(HingeOptions), "hinge")]
[JsonDerivedType(typeof(HkrOptions), "hkr")]
public abstract record LossOptions
{
    /// <summary>The kind as job files name it.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    /// <summary>What decides where no threshold is asked for: a fitted one for losses that leave the bias open.</summary>
    [JsonIgnore]
    public virtual ThresholdRule DefaultThreshold => ThresholdRule.Zero;

    /// <summary>Whether a batch of samples of one class alone says nothing to it, so that no step is taken on one.</summary>
    [JsonIgnore]
    public virtual bool NeedsPairs => false;

    /// <summary>The losses that its lists of numbers name, the last list varying fastest; this one alone where it has none.</summary>
    public virtual IReadOnlyList<LossOptions> Choices() => [this];

    /// <summary>The loss with these settings, planned for up to <paramref name="maxCount"/> samples; the caller owns it.</summary>
    /// <param name="device">Where scores and labels are.</param>
    /// <param name="maxCount">Samples at most.</param>
    /// <param name="scores">Scores of a sample: 1 for two classes, else one for each class.</param>
    /// <param name="classCounts">Samples of each class in the training set, of two classes the positive one first; class weights need it.</param>
    /// <exception cref="NotSupportedException">The loss is not for so many classes.</exception>
    public abstract Loss CreateLoss(ComputeDevice device, int maxCount, int scores = 1, IReadOnlyList<int>? classCounts = null);
}

/// <summary>Where a trained network's decision threshold comes from.</summary>
public enum ThresholdRule
{
    /// <summary>The network's own bias decides: the threshold is 0.</summary>
    Zero,

    /// <summary>Fitted on the training scores: the midpoint where they separate, else the fewest training errors; of three classes or more one for each.</summary>
    Fitted,

    /// <summary>Fitted in the same way on the scores of the held-out samples.</summary>
    Validation,
}
