using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Core.Attacks;

/// <summary>A differentiable score on a device, as attacks see it: inputs as stored, before any normalisation.</summary>
public interface IScoreModel
{
    ComputeDevice Device { get; }

    /// <summary>Shape of one sample: [height, width, channels] or [features].</summary>
    Shape SampleShape { get; }

    /// <summary>Largest number of samples in one call.</summary>
    int MaxBatch { get; }

    /// <summary>The positive class is where the score exceeds this.</summary>
    float Threshold { get; }

    /// <summary>The scores [maxBatch] of the first <paramref name="count"/> samples of x, before the threshold; valid until the next call.</summary>
    Tensor<float> Forward(Tensor<float> x, int count);

    /// <summary>
    /// The gradient [maxBatch, …sample] of Σ dScores[i]·score[i] by the input of the latest <see cref="Forward"/>;
    /// valid until the next call.
    /// </summary>
    Tensor<float> InputGradient(Tensor<float> dScores, int count);
}
