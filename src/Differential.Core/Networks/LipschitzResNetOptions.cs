using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Networks;

[Description("A residual network that stretches no distance: a 3×3 convolution, then stages that halve the image by a 4×4 convolution of stride 2 and go on with residual blocks (convex combinations of a 3×3 convolution with MaxMin and the block's input), a dense layer, and scores whose rows have norm 1.")]
public sealed record LipschitzResNetOptions : ModelOptions
{
    [Description("Filters of the first convolution; each stage has twice as many as the one before.")]
    [Range(2, 1_024)]
    public int Width { get; init; } = 32;

    [Description("Stages: how often the image is halved.")]
    [Range(1, 6)]
    public int Stages { get; init; } = 2;

    [Description("Residual blocks of each stage.")]
    [Range(0, 100)]
    public int Blocks { get; init; } = 2;

    [Description("Penultimate features, an even number.")]
    [Range(2, 65_536)]
    public int Units { get; init; } = 128;

    [Description("Share of the convolution in each block; 0.5 for the mean of the block and its input.")]
    [Range(0.001, 0.999)]
    public double Share { get; init; } = 0.5;

    [Description("Share of the way to orthogonal layers that each training step pulls the weights; 0 for none.")]
    [Range(0.0, 1.0)]
    public double Orthogonality { get; init; } = 0.1;

    [JsonIgnore]
    public override IReadOnlyList<LayerOptions> LayerList =>
    [
        .. Conv(Width, 3, 1),
        .. Enumerable.Range(1, Stages).SelectMany(Stage),
        new FlattenOptions(), new DenseOptions { Units = Units, Lipschitz = true, Orthogonality = Orthogonality }, new MaxMinOptions(),
        new DenseOptions { Units = 1, UnitRows = true },
    ];

    public override bool TakesImagesOnly() => true;

    private IEnumerable<LayerOptions> Stage(int stage)
    {
        int filters = Width << stage;
        return [.. Conv(filters, 4, 2), .. Enumerable.Range(0, Blocks).Select(_ => new ResidualOptions { Layers = Conv(filters, 3, 1, identity: true), Share = Share })];
    }

    private LayerOptions[] Conv(int filters, int size, int stride, bool identity = false) =>
    [
        new ConvOptions { Filters = filters, Size = size, Stride = stride, Padding = 1, Lipschitz = true, Orthogonality = Orthogonality, Identity = identity },
        new MaxMinOptions(),
    ];
}
