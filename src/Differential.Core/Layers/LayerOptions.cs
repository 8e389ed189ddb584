using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Layers;

/// <summary>One layer of a network.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ConvOptions), "conv")]
[JsonDerivedType(typeof(DenseOptions), "dense")]
[JsonDerivedType(typeof(ReluOptions), "relu")]
[JsonDerivedType(typeof(MaxPoolOptions), "maxPool")]
[JsonDerivedType(typeof(AveragePoolOptions), "averagePool")]
[JsonDerivedType(typeof(FlattenOptions), "flatten")]
public abstract record LayerOptions;

[Description("2-D convolution.")]
public sealed record ConvOptions : LayerOptions
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
}

[Description("Dense layer. Images are flattened before it, in channel, row, column order.")]
public sealed record DenseOptions : LayerOptions
{
    [Description("Outputs.")]
    [Range(1, 1_048_576)]
    public required int Units { get; init; }

    [Description("Whether a bias is added.")]
    public bool Bias { get; init; } = true;
}

[Description("max(x, 0).")]
public sealed record ReluOptions : LayerOptions;

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
