using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

/// <summary>The data of a job: two classes of samples, each with a training and a test set.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Cifar10Options), "cifar10")]
[JsonDerivedType(typeof(ShapesOptions), "shapes")]
[JsonDerivedType(typeof(AffineOptions), "affine")]
[JsonDerivedType(typeof(PointsOptions), "points")]
public abstract record DataOptions;

[Description("Two classes of a folder in CIFAR-10's binary format (data_batch_1.bin … test_batch.bin), full or with fewer records.")]
public sealed record Cifar10Options : DataOptions
{
    [Description("The folder; relative to the job file.")]
    public required string Path { get; init; }

    [Description("The class of label +1: its name (airplane, …) or its number (0 to 9).")]
    [JsonConverter(typeof(ClassNameConverter))]
    public required string Positive { get; init; }

    [Description("The class of label −1: its name or its number.")]
    [JsonConverter(typeof(ClassNameConverter))]
    public required string Negative { get; init; }

    [Description("At most so many training images, of both classes together; the first in the files' order, balanced over the classes.")]
    [Range(2, int.MaxValue)]
    public int? TrainLimit { get; init; }

    [Description("At most so many test images.")]
    [Range(2, int.MaxValue)]
    public int? TestLimit { get; init; }
}

[Description("Built-in synthetic images: a disc (+1) or a cross (-1), at a random place, size, contrast and colour, with noise. Made from the job's seed.")]
public sealed record ShapesOptions : DataOptions
{
    [Description("Training images, both classes together; a quarter as many test images are made beside them.")]
    [Range(8, 1_000_000)]
    public int Count { get; init; } = 2000;

    [Description("Rows and columns of an image.")]
    [Range(8, 256)]
    public int Size { get; init; } = 16;

    [Description("Standard deviation of the pixel noise, in the [0, 1] scale.")]
    [Range(0.0, 1.0)]
    public double Noise { get; init; } = 0.1;
}

[Description("Points on a low-dimensional affine subspace, on which cross-entropy leaves a poor margin (docs/theory.md). Made from the job's seed.")]
public sealed record AffineOptions : DataOptions
{
    [Description("Coordinates that vary.")]
    [Range(1, 10_000)]
    public int Free { get; init; } = 5;

    [Description("Coordinates that are equal for all points.")]
    [Range(0, 100_000)]
    public int Constant { get; init; } = 45;

    [Description("Points per class.")]
    [Range(1, 100_000)]
    public int Points { get; init; } = 20;

    [Description("Where the two classes lie along the first coordinate.")]
    [Range(-1e6, 1e6)]
    public double Center { get; init; } = 3;

    [Description("Value of the constant coordinates.")]
    [Range(-1e6, 1e6)]
    public double Offset { get; init; } = 0.15;
}

[Description("Points of a CSV file without a header: the label (+1 or −1), then the features.")]
public sealed record PointsOptions : DataOptions
{
    [Description("The training file; relative to the job file.")]
    public required string Path { get; init; }

    [Description("The test file; without it the training points are tested.")]
    public string? TestPath { get; init; }
}
