using Differential.Kernels.Devices;

namespace Differential.Core.Data;

/// <summary>
/// Labelled samples on the host. Images are kept as bytes, channels last, and are seen by networks as byte / 255;
/// points are float32 as they are.
/// </summary>
public sealed class Dataset
{
    private Dataset(Shape sampleShape, sbyte[] labels, byte[]? pixels, float[]? features, int classes)
    {
        SampleShape = sampleShape;
        Labels = labels;
        Classes = classes;
        Pixels = pixels;
        Features = features;
    }

    /// <summary>[height, width, channels] of images, [features] of points.</summary>
    public Shape SampleShape { get; }

    /// <summary>+1 or −1 for each sample of two classes; of more the class's number from 0.</summary>
    public IReadOnlyList<sbyte> Labels { get; }

    /// <summary>Number of classes, at least 2.</summary>
    public int Classes { get; }

    /// <summary>Scores that networks have for these classes: one for two, else one for each.</summary>
    public int Scores => Classes == 2 ? 1 : Classes;

    /// <summary>[count, height, width, channels]; null for points.</summary>
    public byte[]? Pixels { get; }

    /// <summary>[count, features]; null for images.</summary>
    public float[]? Features { get; }

    public int Count => Labels.Count;

    public bool IsImages => Pixels is not null;

    /// <summary>The smallest value that an input may take: 0 for images, −∞ for points.</summary>
    public float Low => IsImages ? 0f : float.NegativeInfinity;

    /// <summary>The largest value that an input may take: 1 for images, +∞ for points.</summary>
    public float High => IsImages ? 1f : float.PositiveInfinity;

    /// <param name="sampleShape">[height, width, channels].</param>
    /// <param name="labels">+1 or −1; of three classes or more the class's number.</param>
    /// <param name="pixels">[count, height, width, channels].</param>
    /// <param name="classes">Number of classes.</param>
    public static Dataset OfImages(Shape sampleShape, sbyte[] labels, byte[] pixels, int classes = 2) => Create(sampleShape, labels, pixels, null, classes);

    /// <param name="dimension">Features of a point.</param>
    /// <param name="labels">+1 or −1; of three classes or more the class's number.</param>
    /// <param name="features">[count, features].</param>
    /// <param name="classes">Number of classes.</param>
    public static Dataset OfPoints(int dimension, sbyte[] labels, float[] features, int classes = 2) => Create(new Shape(dimension), labels, null, features, classes);

    /// <summary>Sample <paramref name="index"/> as a network sees it before any normalisation: byte / 255, or the features as they are.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <param name="values">[sampleShape.Length]; overwritten.</param>
    public void Sample(int index, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, SampleShape.Length, nameof(values));
        int start = index * values.Length;
        if (Features is not null)
        {
            Features.AsSpan(start, values.Length).CopyTo(values);
            return;
        }

        ReadOnlySpan<byte> pixels = Pixels.AsSpan(start, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = pixels[i] / 255f;
        }
    }

    /// <summary>A copy of the samples named, in the order named.</summary>
    public Dataset Select(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        int length = SampleShape.Length;
        sbyte[] labels = new sbyte[indices.Count];
        byte[]? pixels = Pixels is null ? null : new byte[(long)indices.Count * length];
        float[]? features = Features is null ? null : new float[(long)indices.Count * length];
        for (int i = 0; i < labels.Length; i++)
        {
            int from = indices[i];
            labels[i] = Labels[from];
            Pixels?.AsSpan(from * length, length).CopyTo(pixels.AsSpan(i * length));
            Features?.AsSpan(from * length, length).CopyTo(features.AsSpan(i * length));
        }

        return new Dataset(SampleShape, labels, pixels, features, Classes);
    }

    private static Dataset Create(Shape sampleShape, sbyte[] labels, byte[]? pixels, float[]? features, int classes)
    {
        ArgumentNullException.ThrowIfNull(sampleShape);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNotEqual((long)sampleShape.Length * labels.Length, pixels?.Length ?? features!.Length, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, DataOptions.MaxClasses);
        return classes == 2 || Array.TrueForAll(labels, label => label >= 0 && label < classes)
            ? new Dataset(sampleShape, labels, pixels, features, classes)
            : throw new ArgumentException($"a label that is none of 0 to {classes - 1}", nameof(labels));
    }
}

/// <summary>The training and test samples of a job, and what its classes are called.</summary>
/// <param name="Train">Training samples.</param>
/// <param name="Test">Test samples.</param>
/// <param name="Positive">Name of the class of label +1.</param>
/// <param name="Negative">Name of the class of label −1.</param>
public sealed record DataSplits(Dataset Train, Dataset Test, string Positive, string Negative)
{
    /// <param name="train">Training samples.</param>
    /// <param name="test">Test samples.</param>
    /// <param name="names">A name for each class; of two classes the positive one first.</param>
    public DataSplits(Dataset train, Dataset test, IReadOnlyList<string> names)
        : this(train, test, names[0], names[1]) => Names = names;

    /// <summary>Whether there are test samples of their own; else the training samples stand for them.</summary>
    public bool HasTest => !ReferenceEquals(Train, Test);

    /// <summary>The classes' names in the order of their numbers; of two classes the positive one first.</summary>
    public IReadOnlyList<string> Names { get; } = [Positive, Negative];
}
