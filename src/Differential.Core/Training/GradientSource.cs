using Differential.Core.Layers;
using Differential.Kernels.Tensors;

namespace Differential.Core.Training;

/// <summary>Puts the loss's gradient for the samples of one step into the network's gradients.</summary>
internal abstract class GradientSource : IDisposable
{
    /// <summary>Steps of an epoch.</summary>
    public abstract int Steps { get; }

    /// <summary>A plan for evaluations between the steps.</summary>
    public abstract NetworkPlan Plan { get; }

    /// <summary>[plan.MaxBatch, …sample] for evaluations between the steps.</summary>
    public abstract Tensor<float> Batch { get; }

    /// <param name="epoch">From 1.</param>
    public abstract void Begin(int epoch);

    /// <summary>The gradient of one step.</summary>
    /// <param name="index">Step of the epoch, from 0.</param>
    /// <param name="loss">[1], overwritten with the mean loss.</param>
    /// <returns>Samples of the step.</returns>
    public abstract int Compute(int index, Tensor<float> loss);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
