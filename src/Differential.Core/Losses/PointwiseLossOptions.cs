using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Differential.Core.Losses;

/// <summary>A loss with a term for each sample, which may be weighted by the sample's class.</summary>
public abstract record PointwiseLossOptions : LossOptions
{
    [Description("How much a sample counts by its class: \"equal\" (n / (K · n_c) of the training set's n samples, n_c of them of the class, so that all classes count alike), or a number for each class, of two the positive one first. The loss is the mean of weight · term over the batch. All 1 by default.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClassWeights? ClassWeights { get; init; }

    /// <summary>A weight for each class; null for 1.</summary>
    /// <exception cref="ArgumentException">The weights need the training set's classes, or are not as many.</exception>
    private protected IReadOnlyList<float>? Weights(IReadOnlyList<int>? classCounts) =>
        ClassWeights?.For(classCounts ?? throw new ArgumentException("class weights need the number of samples of each class", nameof(classCounts)));
}
