using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

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

    [JsonIgnore]
    public override bool IsImages => true;

    public override void Check(InputMistakes mistakes)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        if (ClassCount > 2 && Count < 4 * ClassCount)
        {
            mistakes.Add($"{Place}.count", $"the number {Count}", $"a whole number of at least {4 * ClassCount}, so that each class has a test image");
        }
    }

    public override (string Field, Int128 Bytes) LeastMemory() => ("count", (Int128)Count * Size * Size * ShapesGenerator.Channels * 5 / 4);

    public override DataSplits Load(PathPolicy paths, long seed, string source = "job")
    {
        CheckSize((long)Count * Size * Size * ShapesGenerator.Channels, source, "count");
        ShapesGenerator generator = new(Size, Noise, seed, ClassCount);
        return new DataSplits(generator.Make("train", Count), generator.Make("test", Count / 4), generator.Names);
    }
}
