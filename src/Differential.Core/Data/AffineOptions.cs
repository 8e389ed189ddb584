using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

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

    [JsonIgnore]
    public override bool IsImages => false;

    private int Dimension => Free + Constant;

    public override (string Field, Int128 Bytes) LeastMemory() => ("points", (Int128)2 * Points * Dimension * (sizeof(double) + sizeof(float)));

    /// <summary>The test split is the training points themselves: what is measured on them is the margin.</summary>
    public override DataSplits Load(PathPolicy paths, long seed, string source = "job")
    {
        CheckSize(2L * Points * Dimension, source, "points");
        LabeledPoints made = LoadPoints(paths, seed, source);
        float[] features = new float[made.Points.Count * Dimension];
        for (int i = 0; i < features.Length; i++)
        {
            features[i] = (float)made.Points[i / Dimension][i % Dimension];
        }

        Dataset points = Dataset.OfPoints(Dimension, [.. made.Labels], features);
        return new DataSplits(points, points, "+1", "-1");
    }

    public override LabeledPoints LoadPoints(PathPolicy paths, long seed, string source) =>
        new AffineDataset(Free, Constant, Points, Center, Offset, seed).Generate();
}
