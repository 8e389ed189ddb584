using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Batches;

/// <summary>
/// Batches of a data set on a device: images as bytes, which become byte / 255 when a batch is put together, points as float32; labels
/// as ±1 for each score. The samples lie in the device's memory, or come from the host batch by batch; the batches have the same bits.
/// </summary>
internal sealed class SampleBatches : IDisposable
{
    private const int AllocationUnit = 512;

    private readonly ComputeDevice _device;
    private readonly OwnedResources _owned = new();
    private readonly RowGather _gather;
    private readonly Tensor<byte>? _pixels;
    private readonly Tensor<float>? _features;
    private readonly Tensor<float> _labels;
    private Tensor<int>? _rows;

    /// <summary>The data set in the device's memory.</summary>
    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public SampleBatches(ComputeDevice device, Dataset data)
        : this(device, data, streamed: 0)
    {
    }

    /// <param name="device">Where the batches go.</param>
    /// <param name="data">The samples.</param>
    /// <param name="streamed">0 keeps the samples on the device; else they come from the host, so many at once at most.</param>
    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    internal SampleBatches(ComputeDevice device, Dataset data, int streamed)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(data);
        _device = device;
        Data = data;
        try
        {
            if (streamed > 0)
            {
                Feeder = _owned.Add(new BatchFeeder(device, data, null, streamed));
            }
            else
            {
                DeviceRoom.Check(device, data.Bytes / sizeof(float), $"{data.Count} samples");
                Shape shape = data.SampleShape.Batched(data.Count);
                if (data.IsImages)
                {
                    _pixels = _owned.Add(device.Allocate<byte>(shape));
                    int written = 0;
                    data.ForEachPixels(images =>
                    {
                        _pixels.Slice(written, new Shape(images.Length)).Write(images);
                        written += images.Length;
                    });
                }
                else
                {
                    _features = _owned.Add(device.Allocate(shape));
                    _features.Write(data.Features);
                }
            }

            _labels = _owned.Add(device.Allocate(new Shape(data.Count * data.Scores)));
            _labels.Write(Sides(data));
            _gather = _owned.Add(RowGather.Create(device));
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    /// <summary>The samples on the host.</summary>
    public Dataset Data { get; }

    /// <summary>What brings the samples from the host; null where they lie on the device.</summary>
    internal BatchFeeder? Feeder { get; }

    /// <summary>In the device's memory where it fits there beside what is there already, else batch by batch.</summary>
    /// <param name="device">Where the batches go.</param>
    /// <param name="data">The samples.</param>
    /// <param name="maxBatch">Samples of a batch at most.</param>
    internal static SampleBatches Create(ComputeDevice device, Dataset data, int maxBatch)
    {
        // The samples, their labels, the indices of a batch, and what three allocations are rounded up by.
        long bytes = data.Bytes + ((long)data.Count * data.Scores * sizeof(float)) + ((long)maxBatch * sizeof(int)) + (3 * AllocationUnit);
        return new SampleBatches(device, data, MayLieOn(device, data) && bytes <= DeviceRoom.Free(device) ? 0 : maxBatch);
    }

    /// <summary>Whether samples may be copied into the device's memory: where that is the host's own, those that had no room in it may not.</summary>
    internal static bool MayLieOn(ComputeDevice device, Dataset data) => (long)data.Count * data.SampleShape.Length <= int.MaxValue && !(data.IsInFile && device is SimdDevice);

    /// <summary>Puts samples into the front of <paramref name="batch"/>, as networks see them before normalisation.</summary>
    /// <param name="samples">Indices of samples.</param>
    /// <param name="batch">[at least samples, …sample].</param>
    public void Load(ReadOnlySpan<int> samples, Tensor<float> batch)
    {
        if (samples.IsEmpty)
        {
            return;
        }

        if (Feeder is not null)
        {
            Feeder.Load(samples, BatchFeeder.NoStep, batch);
            return;
        }

        Reserve(samples.Length);
        _rows!.Write(samples);
        Load(_rows, batch, samples.Length);
    }

    /// <summary>Allocates what loading so many samples by indices on the host takes.</summary>
    internal void Reserve(int samples)
    {
        if (Feeder is null && (_rows is null || _rows.Length < samples))
        {
            _rows?.Dispose();
            _rows = null;
            _rows = _device.Allocate<int>(new Shape(samples));
        }
    }

    /// <summary>The same where the indices lie on the device too.</summary>
    /// <param name="samples">Indices of samples.</param>
    /// <param name="onDevice">The same.</param>
    /// <param name="batch">[at least samples, …sample].</param>
    public void Load(ReadOnlySpan<int> samples, Tensor<int> onDevice, Tensor<float> batch)
    {
        if (Feeder is not null)
        {
            Feeder.Load(samples, BatchFeeder.NoStep, batch);
        }
        else
        {
            Load(onDevice, batch, samples.Length);
        }
    }

    /// <summary>The same with the indices on the device alone.</summary>
    /// <exception cref="InvalidOperationException">The samples come from the host.</exception>
    public void Load(Tensor<int> samples, Tensor<float> batch, int count)
    {
        if (_pixels is not null)
        {
            _gather.Gather(_pixels, samples, batch, Data.SampleShape.Length, count);
        }
        else
        {
            _gather.Gather(_features ?? throw new InvalidOperationException("the samples come from the host"), samples, batch, Data.SampleShape.Length, count);
        }
    }

    /// <summary>Loads samples a batch at a time, as many as the rows hold.</summary>
    /// <param name="samples">Indices of samples.</param>
    /// <param name="rows">[batch, …sample]; overwritten.</param>
    /// <param name="visit">Told of each batch: which of <paramref name="samples"/> is its first, and how many it has.</param>
    internal void ForEach(ReadOnlySpan<int> samples, Tensor<float> rows, Action<int, int> visit)
    {
        int most = rows.Length / Data.SampleShape.Length;
        for (int start = 0; start < samples.Length; start += most)
        {
            int count = Math.Min(most, samples.Length - start);
            Load(samples.Slice(start, count), rows);
            visit(start, count);
        }
    }

    /// <summary>Puts the labels (+1 or −1 for each score) of samples into the front of <paramref name="labels"/>.</summary>
    public void LoadLabels(Tensor<int> samples, Tensor<float> labels, int count) => _gather.Gather(_labels, samples, labels, Data.Scores, count);

    public void Dispose()
    {
        _rows?.Dispose();
        _owned.Dispose();
    }

    private static float[] Sides(Dataset data)
    {
        var decision = Decision.By(new float[data.Scores]);
        var sides = new float[data.Count * data.Scores];
        for (int i = 0; i < data.Count; i++)
        {
            decision.Sides(data.Labels[i], sides.AsSpan(i * data.Scores, data.Scores));
        }

        return sides;
    }
}
