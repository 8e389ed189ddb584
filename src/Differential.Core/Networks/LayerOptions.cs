using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

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
public abstract record LayerOptions;

/// <summary>A layer whose weights can be held at operator norm 1.</summary>
public interface IWeightOptions
{
    /// <summary>Whether the weights are divided by their operator norm.</summary>
    bool Lipschitz { get; }

    /// <summary>Share of the way to an orthogonal operator that each training step pulls the weights.</summary>
    double Orthogonality { get; }
}

[Description("2-D convolution.")]
public sealed record ConvOptions : LayerOptions, IWeightOptions
{
    [Description("Output channels.")]
    [Range(1, 65_536)]
    public required int Filters { get; init; }

    [Description("Rows and columns of the kernel.")]
    [Range(1, 1_024)]
    public int Size { get; init; } = 3;

    [Description("Step in both directions.")]
    [Range(1, 1_024)]
    public int Stride { get; init; } = 1;

    [Description("Zeros around the input.")]
    [Range(0, 1_024)]
    public int Padding { get; init; }

    [Description("Whether a bias is added.")]
    public bool Bias { get; init; } = true;

    [Description("Training divides the weights by the layer's operator norm, so that it stretches no distance. Files hold the divided weights.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Lipschitz { get; init; }

    [Description("Share of the way to an orthogonal layer, which keeps distances, that each training step pulls the weights; with lipschitz.")]
    [Range(0.0, 1.0)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Orthogonality { get; init; }
}

[Description("Dense layer. Images are flattened before it, in channel, row, column order.")]
public sealed record DenseOptions : LayerOptions, IWeightOptions
{
    [Description("Outputs.")]
    [Range(1, 1_048_576)]
    public required int Units { get; init; }

    [Description("Whether a bias is added.")]
    public bool Bias { get; init; } = true;

    [Description("Training divides the weights by the layer's operator norm, so that it stretches no distance. Files hold the divided weights.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Lipschitz { get; init; }

    [Description("Share of the way to an orthogonal layer, which keeps distances, that each training step pulls the weights; with lipschitz.")]
    [Range(0.0, 1.0)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Orthogonality { get; init; }
}

[Description("max(x, 0).")]
public sealed record ReluOptions : LayerOptions;

[Description("Sorts each pair of neighbouring channels, the larger first (GroupSort 2); an even number of channels.")]
public sealed record MaxMinOptions : LayerOptions;

[Description("Max-pooling without padding.")]
public sealed record MaxPoolOptions : LayerOptions
{
    [Description("Rows and columns of the window.")]
    [Range(1, 1_024)]
    public int Size { get; init; } = 2;

    [Description("Step; the window's size by default.")]
    [Range(1, 1_024)]
    public int? Stride { get; init; }
}

[Description("Average-pooling without padding.")]
public sealed record AveragePoolOptions : LayerOptions
{
    [Description("Rows and columns of the window.")]
    [Range(1, 1_024)]
    public int Size { get; init; } = 2;

    [Description("Step; the window's size by default.")]
    [Range(1, 1_024)]
    public int? Stride { get; init; }
}

[Description("Images to vectors, in channel, row, column order.")]
public sealed record FlattenOptions : LayerOptions;
