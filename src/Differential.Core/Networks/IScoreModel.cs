using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>
/// A differentiable score on a device, or one for each class, as attacks see it: inputs as stored, before any normalisation.
/// </summary>
public interface IScoreModel
{
    ComputeDevice Device { get; }

    /// <summary>Shape of one sample: [height, width, channels] or [features].</summary>
    Shape SampleShape { get; }

    /// <summary>Largest number of samples in one call.</summary>
    int MaxBatch { get; }

    /// <summary>Scores of a sample: 1 for two classes, else one for each class.</summary>
    int Scores { get; }

    /// <summary>
    /// One for each score. Of one score: the positive class is where it exceeds the threshold. Of several: the class is the one whose
    /// score less its threshold is the largest.
    /// </summary>
    IReadOnlyList<float> Thresholds { get; }

    /// <summary>Makes ready for passes that are work of the device alone, as device graphs are made of, where they can be.</summary>
    /// <returns>False where passes take the host.</returns>
    bool TryPrepareGraphs() => false;

    /// <summary>Whether <see cref="Search"/> may round otherwise than <see cref="Forward"/>, so that what it finds must be decided anew.</summary>
    bool SearchesApart => false;

    /// <summary>The scores [maxBatch, scores] of the first <paramref name="count"/> samples of x, before the thresholds; valid until the next call.</summary>
    Tensor<float> Forward(Tensor<float> x, int count);

    /// <summary>The same to find the way by: as near to <see cref="Forward"/> as rounding goes, but not to its bits.</summary>
    Tensor<float> Search(Tensor<float> x, int count) => Forward(x, count);

    /// <summary>
    /// The gradient [maxBatch, …sample] of Σ dScores[i]·score[i] over all scores by the input of the latest <see cref="Forward"/> or <see cref="Search"/>;
    /// valid until the next call.
    /// </summary>
    Tensor<float> InputGradient(Tensor<float> dScores, int count);
}
