using Differential.Kernels.Devices;

namespace Differential.Core.Data;

/// <summary>Takes the records of a file in their order, and makes the splits of a plan of them: images as bytes, points as float32.</summary>
internal sealed class RecordSink : IDisposable
{
    /// <summary>Most values of points, which lie in memory.</summary>
    private const long MaxValues = 1L << 28;

    private readonly RecordPlan _plan;
    private readonly Shape _sample;
    private readonly int _classes;
    private readonly Dictionary<RecordTarget, PixelWriter> _pixels = [];
    private readonly Dictionary<RecordTarget, float[]> _features = [];
    private readonly Dictionary<RecordTarget, int> _counts = [];

    /// <param name="plan">Which record goes where.</param>
    /// <param name="sample">[height, width, channels] or [features].</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="InputException">More points than fit.</exception>
    public RecordSink(RecordPlan plan, Shape sample, int classes, string file)
    {
        (_plan, _sample, _classes) = (plan, sample, classes);
        foreach (RecordTarget target in (RecordTarget[])[RecordTarget.Train, RecordTarget.Test])
        {
            long values = (long)plan.Count(target) * sample.Length;
            _counts[target] = 0;
            if (sample.Rank > 1)
            {
                _pixels[target] = new PixelWriter(values);
            }
            else if (values > MaxValues)
            {
                throw new InputException(file, string.Empty, $"{values} values", $"at most {MaxValues} values of points, or fewer samples (trainLimit)");
            }
            else
            {
                _features[target] = new float[values];
            }
        }
    }

    /// <summary>Takes an image if it is part of a split.</summary>
    public void Add(int record, ReadOnlySpan<byte> pixels)
    {
        if (_pixels.TryGetValue(_plan.Target(record), out PixelWriter? writer))
        {
            writer.Add(pixels);
        }
    }

    /// <summary>Takes a point if it is part of a split.</summary>
    public void Add(int record, ReadOnlySpan<float> features)
    {
        RecordTarget target = _plan.Target(record);
        if (target != RecordTarget.LeftOut)
        {
            features.CopyTo(_features[target].AsSpan(_counts[target]++ * _sample.Length, _sample.Length));
        }
    }

    /// <summary>The samples of a split; null where it has none.</summary>
    public Dataset? Build(RecordTarget target)
    {
        sbyte[] labels = _plan.Labels(target);
        return labels.Length == 0 ? null
            : _pixels.TryGetValue(target, out PixelWriter? pixels) ? Dataset.OfImages(_sample, labels, pixels.ToStore(), _classes)
            : Dataset.OfPoints(_sample.Length, labels, _features[target], _classes);
    }

    public void Dispose()
    {
        foreach (PixelWriter writer in _pixels.Values)
        {
            writer.Dispose();
        }
    }
}
