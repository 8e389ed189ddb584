using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Networks;

/// <summary>The network of a job. Every network ends in one score, or of three classes or more in a score for each.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(LinearOptions), "linear")]
[JsonDerivedType(typeof(SmallOptions), "small")]
[JsonDerivedType(typeof(CnnOptions), "cnn")]
[JsonDerivedType(typeof(LeNet84Options), "leNet84")]
[JsonDerivedType(typeof(LipschitzOptions), "lipschitz")]
[JsonDerivedType(typeof(LipschitzResNetOptions), "lipschitzResNet")]
[JsonDerivedType(typeof(ResNet9Options), "resNet9")]
[JsonDerivedType(typeof(ResNet18Options), "resNet18")]
[JsonDerivedType(typeof(NetworkOptions), "network")]
public abstract record ModelOptions
{
    [Description("How inputs are normalised; a part of the model.")]
    public InputOptions Input { get; init; } = new();

    /// <summary>The layers from first to last.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<LayerOptions> LayerList { get; }

    /// <summary>Whether the network has layers that take nothing but images.</summary>
    public virtual bool TakesImagesOnly() => false;

    /// <summary>The layers with so many scores at the end; those that a job names are as it names them.</summary>
    /// <param name="scores">1 for two classes, else one for each class.</param>
    public virtual IReadOnlyList<LayerOptions> LayersFor(int scores) =>
        LayerList[^1] is DenseOptions last ? [.. LayerList.SkipLast(1), last with { Units = scores }] : LayerList;
}

[Description("One dense layer on the raw inputs.")]
public sealed record LinearOptions : ModelOptions
{
    [JsonIgnore]
    public override IReadOnlyList<LayerOptions> LayerList => [new FlattenOptions(), new DenseOptions { Units = 1 }];
}

[Description("Two blocks of two 3×3 convolutions (16, then 32 filters) with max-pooling, a dense layer of 64, and the score.")]
public sealed record SmallOptions : ModelOptions
{
    [JsonIgnore]
    public override IReadOnlyList<LayerOptions> LayerList => CnnOptions.TwoBlocks(16, 32, 64);

    public override bool TakesImagesOnly() => true;
}

[Description("Two blocks of two 3×3 convolutions (32, then 64 filters) with max-pooling, a dense layer of 128, and the score.")]
public sealed record CnnOptions : ModelOptions
{
    [JsonIgnore]
    public override IReadOnlyList<LayerOptions> LayerList => TwoBlocks(32, 64, 128);

    public override bool TakesImagesOnly() => true;

    internal static IReadOnlyList<LayerOptions> TwoBlocks(int first, int second, int units) =>
    [
        new ConvOptions { Filters = first, Padding = 1 }, new ReluOptions(),
        new ConvOptions { Filters = first, Padding = 1 }, new ReluOptions(), new MaxPoolOptions(),
        new ConvOptions { Filters = second, Padding = 1 }, new ReluOptions(),
        new ConvOptions { Filters = second, Padding = 1 }, new ReluOptions(), new MaxPoolOptions(),
        new FlattenOptions(), new DenseOptions { Units = units }, new ReluOptions(), new DenseOptions { Units = 1 },
    ];
}

[Description("A network of the layers named.")]
public sealed record NetworkOptions : ModelOptions
{
    [Description("The layers from first to last; the last is dense with one unit, or of three classes or more with a unit for each.")]
    [MinLength(1)]
    [MaxLength(1_000)]
    public required IReadOnlyList<LayerOptions> Layers { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<LayerOptions> LayerList => Layers;

    public override IReadOnlyList<LayerOptions> LayersFor(int scores) => Layers;
}

[Description("The normalisation (x − mean) · scale of the inputs.")]
public sealed record InputOptions
{
    [Description("\"train\": the training set's mean of each channel (of each feature for points); \"none\": 0; or a number per channel.")]
    public InputMean Mean { get; init; } = InputMean.Train;

    [Description("Factor after the mean is removed.")]
    [Range(1e-6, 1e6)]
    public double Scale { get; init; } = 1;
}
