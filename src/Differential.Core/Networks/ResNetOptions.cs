using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Differential.Core.Networks;

/// <summary>The parts of residual networks for small images (He et al. 2016): a stem of 3 × 3 without pooling, as is usual on CIFAR-10.</summary>
internal static class ResNet
{
    /// <summary>A 3 × 3 convolution, batch normalisation and a ReLU.</summary>
    public static LayerOptions[] Block(int filters, int stride = 1) => [.. Plain(filters, stride), new ReluOptions()];

    /// <summary>A 3 × 3 convolution and batch normalisation, which has the bias.</summary>
    public static LayerOptions[] Plain(int filters, int stride = 1) =>
        [new ConvOptions { Filters = filters, Stride = stride, Padding = 1, Bias = false }, new BatchNormOptions()];

    /// <summary>The basic block of ResNet-18: two convolutions beside the identity, or beside a 1 × 1 convolution where the shape changes.</summary>
    public static LayerOptions[] Basic(int filters, int stride, bool changes) =>
    [
        new ResidualOptions
        {
            Layers = [.. Block(filters, stride), .. Plain(filters)],
            Shortcut = changes ? [new ConvOptions { Filters = filters, Size = 1, Stride = stride, Bias = false }, new BatchNormOptions()] : null,
        },
        new ReluOptions(),
    ];
}

[Description("ResNet-9 for small images: 3×3 convolutions of 64, 128, 256 and 512 filters with batch normalisation, max-pooling behind all but the first, a residual block of two convolutions behind the second and the last, the mean over the image, and the score.")]
public sealed record ResNet9Options : ModelOptions
{
    [JsonIgnore]
    public override IReadOnlyList<LayerOptions> LayerList =>
    [
        .. ResNet.Block(64), .. ResNet.Block(128), new MaxPoolOptions(), Residual(128),
        .. ResNet.Block(256), new MaxPoolOptions(), .. ResNet.Block(512), new MaxPoolOptions(), Residual(512),
        new GlobalAveragePoolOptions(), new FlattenOptions(), new DenseOptions { Units = 1 },
    ];

    public override bool TakesImagesOnly() => true;

    private static ResidualOptions Residual(int filters) => new() { Layers = [.. ResNet.Block(filters), .. ResNet.Block(filters)] };
}

[Description("ResNet-18 for small images: a 3×3 stem of 64 filters without pooling, four stages of two residual blocks with 64, 128, 256 and 512 filters, the mean over the image, and the score; batch normalisation behind each convolution.")]
public sealed record ResNet18Options : ModelOptions
{
    [JsonIgnore]
    public override IReadOnlyList<LayerOptions> LayerList =>
    [
        .. ResNet.Block(64),
        .. ResNet.Basic(64, 1, false), .. ResNet.Basic(64, 1, false),
        .. ResNet.Basic(128, 2, true), .. ResNet.Basic(128, 1, false),
        .. ResNet.Basic(256, 2, true), .. ResNet.Basic(256, 1, false),
        .. ResNet.Basic(512, 2, true), .. ResNet.Basic(512, 1, false),
        new GlobalAveragePoolOptions(), new FlattenOptions(), new DenseOptions { Units = 1 },
    ];

    public override bool TakesImagesOnly() => true;
}
