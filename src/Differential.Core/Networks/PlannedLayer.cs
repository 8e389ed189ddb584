using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>
/// A layer's operations on one device for a largest batch. All tensors are [batch, …]; the first
/// <c>count</c> samples are used. Gradients are overwritten, never added to.
/// </summary>
internal abstract class PlannedLayer : IDisposable
{
    /// <summary>Allocates what the backward calls need that will come.</summary>
    public virtual void Reserve(bool backwardInput, bool backwardParameters)
    {
    }

    public abstract void Forward(Tensor<float> x, Tensor<float> y, int count);

    /// <summary>
    /// Takes dy back through a folded ReLU, in place. Called once per backward pass, before the two below.
    /// </summary>
    public virtual void BackwardActivation(Tensor<float> y, Tensor<float> dy, int count)
    {
    }

    /// <summary>dx from dy; x and y are those of the forward call.</summary>
    public abstract void BackwardInput(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count);

    /// <summary>The gradients of the layer's parameters, summed over samples, into the network's gradient tensor.</summary>
    public virtual void BackwardParameters(Tensor<float> x, Tensor<float> dy, int count)
    {
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
