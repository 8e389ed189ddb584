using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

/// <summary>The data of a job: samples of two classes or more, a training and a test set.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Cifar10Options), "cifar10")]
[JsonDerivedType(typeof(ShapesOptions), "shapes")]
[JsonDerivedType(typeof(AffineOptions), "affine")]
[JsonDerivedType(typeof(PointsOptions), "points")]
public abstract record DataOptions
{
    /// <summary>Most classes of a data set.</summary>
    public const int MaxClasses = 100;

    /// <summary>2: labels are +1 and −1, and networks have one score. Above: labels are the classes' numbers from 0, and networks have a score for each class.</summary>
    [JsonIgnore]
    public virtual int ClassCount => 2;
}

[Description("Classes of a folder in CIFAR-10's binary format (data_batch_1.bin … test_batch.bin), full or with fewer records: positive and negative, or classes.")]
public sealed record Cifar10Options : DataOptions
{
    [Description("The folder; relative to the job file.")]
    public required string Path { get; init; }

    [Description("The class of label +1: its name (airplane, …) or its number (0 to 9).")]
    [JsonConverter(typeof(ClassNameConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Positive { get; init; }

    [Description("The class of label −1: its name or its number.")]
    [JsonConverter(typeof(ClassNameConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Negative { get; init; }

    [Description("The classes by name or number, in place of positive and negative, which are the first and the second of two.")]
    [MinLength(2)]
    [MaxLength(10)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClassName>? Classes { get; init; }

    [Description("At most so many training images, of all classes together; the first in the files' order, balanced over the classes.")]
    [Range(2, int.MaxValue)]
    public int? TrainLimit { get; init; }

    [Description("At most so many test images.")]
    [Range(2, int.MaxValue)]
    public int? TestLimit { get; init; }

    [JsonIgnore]
    public override int ClassCount => Classes?.Count ?? 2;
}

[Description("Built-in synthetic images: a disc (+1) or a cross (-1), or one of several shapes, at a random place, size, contrast and colour, with noise. Made from the job's seed.")]
public sealed record ShapesOptions : DataOptions
{
    [Description("Training images, all classes together; a quarter as many test images are made beside them.")]
    [Range(8, 1_000_000)]
    public int Count { get; init; } = 2000;

    [Description("Rows and columns of an image.")]
    [Range(8, 256)]
    public int Size { get; init; } = 16;

    [Description("Standard deviation of the pixel noise, in the [0, 1] scale.")]
    [Range(0.0, 1.0)]
    public double Noise { get; init; } = 0.1;

    [Description("How many shapes, each a class: disc, cross, square, ring, triangle, bar, saltire, frame, half disc, corner; 2 by default.")]
    [Range(2, ShapesGenerator.MaxClasses)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Classes { get; init; }

    [JsonIgnore]
    public override int ClassCount => Classes ?? 2;
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

[Description("Points of a CSV file without a header: the label (+1 or −1; of three classes or more the class's number from 0), then the features.")]
public sealed record PointsOptions : DataOptions
{
    [Description("The training file; relative to the job file.")]
    public required string Path { get; init; }

    [Description("The test file; without it the training points are tested.")]
    public string? TestPath { get; init; }

    [Description("How many classes; 2 by default.")]
    [Range(2, MaxClasses)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Classes { get; init; }

    [JsonIgnore]
    public override int ClassCount => Classes ?? 2;
}
