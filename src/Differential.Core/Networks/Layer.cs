using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>
/// A layer of an architecture: its place, its sizes and the parameters it needs. What it computes is planned on a
/// device for a largest batch (<see cref="Plan"/>).
/// </summary>
public abstract class Layer(int index, Shape input, Shape output)
{
    /// <summary>Place in the architecture's list, from 0, by which its parameters are named.</summary>
    public int Index { get; } = index;

    /// <summary>Shape of one sample that comes in: [height, width, channels] or [features].</summary>
    public Shape Input { get; } = input;

    /// <summary>Shape of one sample that goes out.</summary>
    public Shape Output { get; } = output;

    /// <summary>Shape of the weights in PyTorch's order; null where there are none.</summary>
    public virtual Shape? Weight => null;

    /// <summary>Elements of the bias; 0 where there is none.</summary>
    public virtual int BiasLength => 0;

    /// <summary>Inputs that one output sums over; 0 without weights.</summary>
    public virtual int FanIn => 0;

    /// <summary>Whether training holds the weights at operator norm 1.</summary>
    public virtual bool IsLipschitz => false;

    /// <summary>Share of the way to an orthogonal operator that each training step pulls the weights.</summary>
    public virtual double Orthogonality => 0;

    /// <summary>Whether a ReLU behind this layer can be folded into its store.</summary>
    internal virtual bool TakesRelu => false;

    /// <summary>Whether the output is the input's elements in the same order: nothing to compute.</summary>
    internal virtual bool IsIdentity => false;

    /// <summary>Plans the layer's operations.</summary>
    /// <param name="network">Owner of the parameters.</param>
    /// <param name="maxBatch">Largest number of samples in one call.</param>
    /// <param name="relu">Whether a ReLU is folded in; only where <see cref="TakesRelu"/>.</param>
    internal abstract PlannedLayer Plan(Network network, int maxBatch, bool relu);

    /// <summary>The linear map of the weights, without the bias; null where there are no weights.</summary>
    /// <param name="device">Where it is applied.</param>
    /// <param name="maxBatch">Largest number of vectors in one call.</param>
    internal virtual LayerOperator? CreateOperator(ComputeDevice device, int maxBatch) => null;
}
