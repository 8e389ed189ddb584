using Differential.Core.Networks;
using Differential.Kernels.Devices;

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

    /// <summary>Whether a step's batch says nothing to the loss, so that no step is taken on it; of the epoch that began last.</summary>
    /// <param name="index">Step of the epoch, from 0.</param>
    public virtual bool IsSkipped(int index) => false;

    /// <summary>Brings the samples of a step to their place on the device.</summary>
    /// <param name="index">Step of the epoch, from 0.</param>
    /// <returns>Samples of the step.</returns>
    public abstract int Load(int index);

    /// <summary>The gradient of the samples that were loaded.</summary>
    /// <param name="loss">[1], overwritten with the mean loss.</param>
    /// <param name="count">Their number.</param>
    public abstract void Compute(Tensor<float> loss, int count);

    /// <summary>Whether <see cref="Compute"/> is the same work for every step of as many samples, of the device alone (<see cref="DeviceGraph"/>).</summary>
    public abstract bool IsRepeatable { get; }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
