using Differential.Kernels.Devices;

namespace Differential.Core.Data;

/// <summary>
/// Labelled samples on the host. Images are kept as bytes, channels last, and are seen by networks as byte / 255;
/// points are float32 as they are.
/// </summary>
public sealed class Dataset
{
    private readonly PixelStore? _store;
    private readonly int[]? _rows;

    /// <param name="sampleShape">Of a sample.</param>
    /// <param name="labels">Of each sample.</param>
    /// <param name="store">The images' bytes; null for points.</param>
    /// <param name="rows">Which image of the store each sample is; null: the i-th is the i-th.</param>
    /// <param name="features">The points; null for images.</param>
    /// <param name="classes">Number of classes.</param>
    private Dataset(Shape sampleShape, sbyte[] labels, PixelStore? store, int[]? rows, float[]? features, int classes)
    {
        SampleShape = sampleShape;
        Labels = labels;
        Classes = classes;
        _store = store;
        _rows = rows;
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

    /// <summary>[count, height, width, channels]; null for points, and for images that lie in a file (<see cref="IsInFile"/>).</summary>
    public byte[]? Pixels => _store?.Memory;

    /// <summary>[count, features]; null for images.</summary>
    public float[]? Features { get; }

    public int Count => Labels.Count;

    public bool IsImages => _store is not null;

    /// <summary>Whether the images are too many for memory and lie in a temporary file, from where they are read as they are needed.</summary>
    public bool IsInFile => IsImages && Pixels is null;

    /// <summary>Bytes of the samples, in memory or not.</summary>
    public long Bytes => (long)Count * SampleShape.Length * (IsImages ? 1 : sizeof(float));

    /// <summary>The smallest value that an input may take: 0 for images; of points −∞, or what <see cref="WithBounds"/> says.</summary>
    public float Low => IsImages ? 0f : Bounds.Low;

    /// <summary>The largest value that an input may take: 1 for images; of points +∞, or what <see cref="WithBounds"/> says.</summary>
    public float High => IsImages ? 1f : Bounds.High;

    private (float Low, float High) Bounds { get; init; } = (float.NegativeInfinity, float.PositiveInfinity);

    /// <param name="sampleShape">[height, width, channels].</param>
    /// <param name="labels">+1 or −1; of three classes or more the class's number.</param>
    /// <param name="pixels">[count, height, width, channels].</param>
    /// <param name="classes">Number of classes.</param>
    public static Dataset OfImages(Shape sampleShape, sbyte[] labels, byte[] pixels, int classes = 2) => Create(sampleShape, labels, new PixelStore(pixels), null, classes);

    /// <summary>The same of bytes that may lie in a file.</summary>
    internal static Dataset OfImages(Shape sampleShape, sbyte[] labels, PixelStore pixels, int classes = 2) => Create(sampleShape, labels, pixels, null, classes);

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
        if (Features is not null)
        {
            Features.AsSpan(index * values.Length, values.Length).CopyTo(values);
            return;
        }

        ReadOnlySpan<byte> pixels = Pixels is not null ? Pixels.AsSpan(index * values.Length, values.Length) : Image(index);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = pixels[i] / 255f;
        }
    }

    /// <summary>The bytes of one image, [height, width, channels]; on any thread.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <param name="pixels">Overwritten.</param>
    /// <exception cref="IOException">The images lie in a file that can't be read.</exception>
    public void CopyImage(int index, Span<byte> pixels)
    {
        int length = SampleShape.Length;
        _store!.Read((long)(_rows is null ? index : _rows[index]) * length, pixels[..length]);
    }

    private byte[] Image(int index)
    {
        byte[] pixels = new byte[SampleShape.Length];
        CopyImage(index, pixels);
        return pixels;
    }

    /// <summary>Goes through the bytes of all images in their order, some at a time.</summary>
    /// <param name="visit">Told of whole images.</param>
    internal void ForEachPixels(Action<ReadOnlySpan<byte>> visit)
    {
        if (Pixels is not null)
        {
            visit(Pixels);
            return;
        }

        const int block = 4 << 20;
        int length = SampleShape.Length;
        byte[] images = new byte[Math.Max(1, block / length) * length];
        for (int first = 0; first < Count;)
        {
            int count = Math.Min(images.Length / length, Count - first);
            if (_rows is null)
            {
                _store!.Read((long)first * length, images.AsSpan(0, count * length));
            }
            else
            {
                for (int i = 0; i < count; i++)
                {
                    CopyImage(first + i, images.AsSpan(i * length));
                }
            }

            visit(images.AsSpan(0, count * length));
            first += count;
        }
    }

    /// <summary>The same points with a box that attacks stay in; images have [0, 1] already.</summary>
    /// <exception cref="ArgumentException">The bounds are not in order.</exception>
    public Dataset WithBounds(float low, float high) => low < high
        ? new Dataset(SampleShape, [.. Labels], _store, _rows, Features, Classes) { Bounds = (low, high) }
        : throw new ArgumentException($"bounds {low} and {high}", nameof(low));

    /// <summary>The class of a sample from 0; of two classes 0 for label +1.</summary>
    public int ClassOf(int index) => Classes > 2 ? Labels[index] : Labels[index] > 0 ? 0 : 1;

    /// <summary>Samples of each class; of two classes the positive one first.</summary>
    public int[] CountClasses()
    {
        var counts = new int[Classes];
        for (int i = 0; i < Count; i++)
        {
            counts[ClassOf(i)]++;
        }

        return counts;
    }

    /// <summary>The samples named, in the order named: a copy, or of images in a file another view of it.</summary>
    public Dataset Select(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        int length = SampleShape.Length;
        sbyte[] labels = new sbyte[indices.Count];
        byte[]? pixels = Pixels is null ? null : new byte[(long)indices.Count * length];
        int[]? rows = IsInFile ? [.. indices.Select(index => _rows is null ? index : _rows[index])] : null;
        float[]? features = Features is null ? null : new float[(long)indices.Count * length];
        for (int i = 0; i < labels.Length; i++)
        {
            int from = indices[i];
            labels[i] = Labels[from];
            Pixels?.AsSpan(from * length, length).CopyTo(pixels.AsSpan(i * length));
            Features?.AsSpan(from * length, length).CopyTo(features.AsSpan(i * length));
        }

        return new Dataset(SampleShape, labels, pixels is null ? _store : new PixelStore(pixels), rows, features, Classes) { Bounds = Bounds };
    }

    private static Dataset Create(Shape sampleShape, sbyte[] labels, PixelStore? pixels, float[]? features, int classes)
    {
        ArgumentNullException.ThrowIfNull(sampleShape);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNotEqual((long)sampleShape.Length * labels.Length, pixels?.Length ?? features!.Length, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, DataOptions.MaxClasses);
        return classes == 2 || Array.TrueForAll(labels, label => label >= 0 && label < classes)
            ? new Dataset(sampleShape, labels, pixels, null, features, classes)
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

    /// <summary>What the user should know of how the data were read, one line each: files that were left out, batches that are missing.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Samples held out from training, by which thresholds, epochs and settings are chosen; null where there are none.</summary>
    public Dataset? Validation { get; init; }

    /// <summary>Whether there are test samples of their own; else the training samples stand for them.</summary>
    public bool HasTest => !ReferenceEquals(Train, Test);

    /// <summary>The classes' names in the order of their numbers; of two classes the positive one first.</summary>
    public IReadOnlyList<string> Names { get; } = [Positive, Negative];
}
