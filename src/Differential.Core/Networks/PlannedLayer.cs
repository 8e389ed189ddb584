using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>
/// A layer's operations on one device for a largest batch. All tensors are [batch, …]; the first
/// <c>count</c> samples are used. x holds a tensor for each of the layer's inputs. Gradients are overwritten, never added to.
/// </summary>
internal abstract class PlannedLayer : IDisposable
{
    /// <summary>Whether a pass of <see cref="PassMode.Search"/> may round otherwise than one of <see cref="PassMode.Infer"/>.</summary>
    public virtual bool SearchesApart => false;

    /// <summary>Whether <see cref="BackwardInput"/> may overwrite the layer's one input with the gradient by it.</summary>
    public virtual bool IsInPlace => false;

    /// <summary>What the backward calls need of the output.</summary>
    public virtual OutputUse OutputUse => OutputUse.Values;

    /// <summary>Whether the backward calls of a plan read the inputs.</summary>
    public virtual bool ReadsInputs(PlanPurpose purpose) => true;

    /// <summary>Allocates what the backward calls need that will come.</summary>
    public virtual void Reserve(bool backwardInput, bool backwardParameters)
    {
    }

    /// <summary>Brings what a training step draws at random to the device, before its forward pass.</summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="step">Number of the step in the run.</param>
    public virtual void Draw(long seed, long step)
    {
    }

    /// <param name="x">The inputs.</param>
    /// <param name="y">Overwritten with the output.</param>
    /// <param name="count">Samples.</param>
    /// <param name="mode">For layers that <see cref="Layer.DependsOnMode"/>; the backward calls that follow are those of this pass.</param>
    public abstract void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode);

    /// <summary>Computes the output of the latest forward pass again, from the same inputs and to the same bits, and changes nothing else.</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="y">Overwritten with the output.</param>
    /// <param name="count">Samples of that pass.</param>
    /// <param name="mode">Its mode.</param>
    public virtual void Repeat(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => Forward(x, y, count, mode);

    /// <summary>
    /// Takes dy back through a folded ReLU, in place. Called once per backward pass, before the two below.
    /// </summary>
    public virtual void BackwardActivation(Tensor<float> y, Tensor<float> dy, int count)
    {
    }

    /// <summary>The gradients of the layer's parameters, summed over samples, into the network's gradient tensor. Before <see cref="BackwardInput"/>, in training.</summary>
    public virtual void BackwardParameters(Tensor<float>[] x, Tensor<float> dy, int count)
    {
    }

    /// <summary>dx, the gradient by one of the inputs, from dy; x and y are those of the forward call.</summary>
    /// <param name="input">Which of the inputs, from 0.</param>
    /// <param name="x">The inputs.</param>
    /// <param name="y">The output.</param>
    /// <param name="dy">The gradient by the output.</param>
    /// <param name="dx">Overwritten.</param>
    /// <param name="count">Samples.</param>
    public abstract void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
