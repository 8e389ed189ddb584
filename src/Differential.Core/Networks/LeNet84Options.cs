using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Differential.Core.Networks;

[Description("LeNet with 84 penultimate features, in the form that is usual for small colour images: convolutions 5×5×6 and 5×5×16 without padding, each with max-pooling, dense layers of 120 and 84, and the score. Images of 16×16 or larger.")]
public sealed record LeNet84Options : ModelOptions
{
    [JsonIgnore]
    public override IReadOnlyList<LayerOptions> LayerList =>
    [
        new ConvOptions { Filters = 6, Size = 5 }, new ReluOptions(), new MaxPoolOptions(),
        new ConvOptions { Filters = 16, Size = 5 }, new ReluOptions(), new MaxPoolOptions(),
        new FlattenOptions(), new DenseOptions { Units = 120 }, new ReluOptions(), new DenseOptions { Units = 84 }, new ReluOptions(), new DenseOptions { Units = 1 },
    ];

    public override bool TakesImagesOnly() => true;
}
