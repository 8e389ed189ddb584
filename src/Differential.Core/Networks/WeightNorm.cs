using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>Weights of one layer that are divided by a norm of themselves: the layer computes with Ŵ.</summary>
internal abstract class WeightNorm : IDisposable
{
    /// <summary>Ŵ.</summary>
    public abstract Tensor<float> Effective { get; }

    /// <summary>Elements that a layer keeps from one training step to the next; 0 where its weights are not divided.</summary>
    public static int StateLength(Layer layer) =>
        layer.IsLipschitz ? UnitNorm.StateOf(layer) : layer.HasUnitRows ? UnitRows.StateOf(layer) : 0;

    /// <param name="device">The network's.</param>
    /// <param name="layer">A layer whose weights are divided.</param>
    /// <param name="weight">W.</param>
    /// <param name="state">[<see cref="StateLength"/>].</param>
    public static WeightNorm Create(ComputeDevice device, Layer layer, Parameter weight, Tensor<float> state) =>
        layer.IsLipschitz ? new UnitNorm(device, layer, weight, state) : new UnitRows(device, weight, state);

    /// <summary>Ŵ of weights that were set from outside: a function of the weights alone.</summary>
    public abstract void Restart();

    /// <summary>Brings what is particular to the next <see cref="Advance"/> to the device.</summary>
    /// <param name="step">Updates so far.</param>
    /// <param name="pace">What the learning rate has come down to, as a share of its first value.</param>
    public virtual void Prepare(long step, double pace)
    {
    }

    /// <summary>Ŵ after an update of W: the same work each time, of the device alone.</summary>
    public abstract void Advance();

    /// <summary>Ŵ with a norm that is not below the exact one, a function of the weights alone.</summary>
    public abstract void Settle();

    /// <summary>Ŵ from a state that was read back.</summary>
    public abstract void Divide();

    /// <summary>Brings weights that were just drawn to where training starts from.</summary>
    public abstract void Start();

    /// <summary>Turns the weight's gradient from that by Ŵ into that by W, in place.</summary>
    public abstract void Backward();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
