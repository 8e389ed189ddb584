using System.Text.Json.Serialization;
using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>One layer of a network.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ConvOptions), "conv")]
[JsonDerivedType(typeof(DenseOptions), "dense")]
[JsonDerivedType(typeof(ReluOptions), "relu")]
[JsonDerivedType(typeof(MaxMinOptions), "maxMin")]
[JsonDerivedType(typeof(MaxPoolOptions), "maxPool")]
[JsonDerivedType(typeof(AveragePoolOptions), "averagePool")]
[JsonDerivedType(typeof(FlattenOptions), "flatten")]
[JsonDerivedType(typeof(ResidualOptions), "residual")]
[JsonDerivedType(typeof(BatchNormOptions), "batchNorm")]
[JsonDerivedType(typeof(GlobalAveragePoolOptions), "globalAveragePool")]
[JsonDerivedType(typeof(DropoutOptions), "dropout")]
[JsonDerivedType(typeof(LeakyReluOptions), "leakyRelu")]
public abstract record LayerOptions
{
    /// <summary>Adds what the options ask for to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="place">The options' place.</param>
    /// <param name="source">The node whose output the layer takes.</param>
    /// <returns>The node whose output is the layer's.</returns>
    /// <exception cref="ArchitectureException">The layer does not fit its input, or a size is out of its range.</exception>
    internal virtual int AddTo(GraphBuilder graph, LayerPlace place, int source) => graph.Add(Create(place, graph.ShapeOf(source)), source);

    /// <summary>The layer for samples of a shape.</summary>
    /// <exception cref="ArchitectureException">It does not fit them, or a size is out of its range.</exception>
    internal abstract Layer Create(LayerPlace place, Shape input);

    /// <summary>The layer as a model's file keeps it.</summary>
    internal virtual LayerOptions Saved() => this;

    /// <summary>Whether the layer, or one within it, takes training steps on random batches: not an optimiser of the whole training set.</summary>
    public bool NeedsBatches() => DependsOnMode || Nested().Any(static inner => inner.Layer.NeedsBatches());

    /// <summary>As <see cref="Layer.DependsOnMode"/>.</summary>
    internal virtual bool DependsOnMode => false;

    /// <summary>The layers within this one, with their names within it.</summary>
    internal virtual IEnumerable<(string Name, LayerOptions Layer)> Nested() => [];

    /// <summary>The tensors that a model's file holds for the layer.</summary>
    /// <param name="name">The layer's.</param>
    internal virtual IEnumerable<TensorRule> Tensors(string name) => [];
}

/// <summary>A layer whose weights can be held at operator norm 1.</summary>
public interface IWeightOptions
{
    /// <summary>Whether the weights are divided by their operator norm.</summary>
    bool Lipschitz { get; }

    /// <summary>Share of the way to an orthogonal operator that each training step pulls the weights.</summary>
    double Orthogonality { get; }
}

/// <summary>What a tensor of a model's file must be.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rank">Its dimensions.</param>
/// <param name="First">Length of the first; null where the options alone do not tell.</param>
internal sealed record TensorRule(string Name, int Rank, int? First);
