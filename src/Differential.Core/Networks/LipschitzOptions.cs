using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Networks;

[Description("A network that stretches no distance: convolutions 3×3×32, 4×4×32 stride 2, 3×3×64, 4×4×64 stride 2, dense 128 and the score, each of operator norm 1, with MaxMin between them.")]
public sealed record LipschitzOptions : ModelOptions
{
    [Description("Share of the way to orthogonal layers that each training step pulls the weights; 0 for none.")]
    [Range(0.0, 1.0)]
    public double Orthogonality { get; init; } = 0.1;

    [JsonIgnore]
    public override IReadOnlyList<LayerOptions> LayerList =>
    [
        Conv(32, 3, 1), new MaxMinOptions(), Conv(32, 4, 2), new MaxMinOptions(),
        Conv(64, 3, 1), new MaxMinOptions(), Conv(64, 4, 2), new MaxMinOptions(),
        new FlattenOptions(), Dense(128), new MaxMinOptions(), Dense(1),
    ];

    public override bool TakesImagesOnly() => true;

    private ConvOptions Conv(int filters, int size, int stride) =>
        new() { Filters = filters, Size = size, Stride = stride, Padding = 1, Lipschitz = true, Orthogonality = Orthogonality };

    private DenseOptions Dense(int units) => new() { Units = units, Lipschitz = true, Orthogonality = Orthogonality };
}
