using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>
/// A layer of an architecture: its place, its sizes, and by name the parameters and the state that it needs. What it computes is
/// planned on a device for a largest batch (<see cref="Plan"/>).
/// </summary>
public abstract class Layer(LayerPlace place, Shape input, Shape output)
{
    public LayerPlace Place { get; } = place;

    /// <summary>Place in the architecture's own list, from 0; of a nested layer that of the layer around it.</summary>
    public int Index => Place.Index;

    /// <summary>What its parameters are named by, such as <c>layers.3</c>.</summary>
    public string Name => Place.Name;

    /// <summary>Shape of one sample that comes in: [height, width, channels] or [features].</summary>
    public Shape Input { get; } = input;

    /// <summary>Shape of one sample that goes out.</summary>
    public Shape Output { get; } = output;

    /// <summary>What training changes.</summary>
    public virtual IReadOnlyList<LayerValue> Parameters => Weight is not { } weight
        ? []
        : BiasLength > 0
            ? [new(LayerValue.Weight, weight, null), new(LayerValue.Bias, new Shape(BiasLength), 0)]
            : [new(LayerValue.Weight, weight, null)];

    /// <summary>What the layer itself keeps from one training step to the next, such as running statistics; a part of the model.</summary>
    public virtual IReadOnlyList<LayerValue> State => [];

    /// <summary>Shape of a linear map's weights in PyTorch's order; null where the layer is no linear map of weights.</summary>
    public virtual Shape? Weight => null;

    /// <summary>Elements of a linear map's bias; 0 where there is none.</summary>
    public virtual int BiasLength => 0;

    /// <summary>Inputs that one output sums over; 0 without weights.</summary>
    public virtual int FanIn => 0;

    /// <summary>Whether training holds the weights at operator norm 1.</summary>
    public virtual bool IsLipschitz => false;

    /// <summary>Share of the way to an orthogonal operator that each training step pulls the weights.</summary>
    public virtual double Orthogonality => 0;

    /// <summary>Whether training holds each row of the weights at norm 1.</summary>
    public virtual bool HasUnitRows => false;

    /// <summary>Whether the weights [filters, channels, size, size] start with a 1 in the middle of the i-th filter's i-th channel, and 0 elsewhere.</summary>
    public virtual bool StartsAsIdentity => false;

    /// <summary>Whether a training step's forward pass computes something else than evaluations and attacks do (<see cref="PassMode"/>).</summary>
    public virtual bool DependsOnMode => false;

    /// <summary>Whether a ReLU behind this layer can be folded into its store.</summary>
    internal virtual bool TakesRelu => false;

    /// <summary>Whether the output, outside training, is the input's elements in the same order: nothing to compute.</summary>
    internal virtual bool IsIdentity => false;

    /// <summary>The layer as certificates see it; null where it has no bounds: then a network with it gets no certificate.</summary>
    internal virtual BoundLayer? CreateBound(BoundValues values) => null;

    /// <summary>Writes the layer's nodes, without what is folded in behind it.</summary>
    /// <param name="export">Where to.</param>
    /// <param name="inputs">The values that it takes, each of the shape of <see cref="Input"/>.</param>
    /// <returns>The value that it yields.</returns>
    internal abstract string Export(LayerExport export, IReadOnlyList<string> inputs);

    /// <summary>Plans the layer's operations.</summary>
    /// <param name="network">Owner of the parameters.</param>
    /// <param name="maxBatch">Largest number of samples in one call.</param>
    /// <param name="fusion">What is folded in.</param>
    internal abstract PlannedLayer Plan(Network network, int maxBatch, Fusion fusion);

    /// <summary>The linear map of the weights, without the bias; null where there are no weights.</summary>
    /// <param name="device">Where it is applied.</param>
    /// <param name="maxBatch">Largest number of vectors in one call.</param>
    internal virtual LayerOperator? CreateOperator(ComputeDevice device, int maxBatch) => null;
}
