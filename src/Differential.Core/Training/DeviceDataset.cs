using Differential.Core.Data;
using Differential.Core.Layers;
using Differential.Kernels.Batching;
using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Core.Training;

/// <summary>
/// A data set in a device's memory: images as bytes, which become byte / 255 when a batch is put together, points as
/// float32; labels as ±1.
/// </summary>
public sealed class DeviceDataset : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly RowGather _gather;
    private readonly Tensor<byte>? _pixels;
    private readonly Tensor<float>? _features;
    private readonly Tensor<float> _labels;
    private Tensor<int>? _rows;

    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public DeviceDataset(ComputeDevice device, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(data);
        _device = device;
        Data = data;
        long length = (long)data.Count * data.SampleShape.Length;
        DeviceRoom.Check(device, data.IsImages ? length / sizeof(float) : length, $"{data.Count} samples");
        Shape shape = data.SampleShape.Batched(data.Count);
        if (data.Pixels is not null)
        {
            _pixels = device.Allocate<byte>(shape);
            _pixels.Write(data.Pixels);
        }
        else
        {
            _features = device.Allocate(shape, data.Features);
        }

        _labels = device.Allocate(new Shape(data.Count), [.. data.Labels.Select(static label => (float)label)]);
        _gather = RowGather.Create(device);
    }

    /// <summary>The samples on the host.</summary>
    public Dataset Data { get; }

    /// <summary>Puts samples into the front of <paramref name="batch"/>, as networks see them before normalisation.</summary>
    /// <param name="samples">Indices of samples.</param>
    /// <param name="batch">[at least samples, …sample].</param>
    public void Load(ReadOnlySpan<int> samples, Tensor<float> batch)
    {
        if (samples.IsEmpty)
        {
            return;
        }

        if (_rows is null || _rows.Length < samples.Length)
        {
            _rows?.Dispose();
            _rows = _device.Allocate<int>(new Shape(samples.Length));
        }

        _rows.Write(samples);
        Load(_rows, batch, samples.Length);
    }

    /// <summary>The same with the indices on the device.</summary>
    public void Load(Tensor<int> samples, Tensor<float> batch, int count)
    {
        if (_pixels is not null)
        {
            _gather.Gather(_pixels, samples, batch, Data.SampleShape.Length, count);
        }
        else
        {
            _gather.Gather(_features!, samples, batch, Data.SampleShape.Length, count);
        }
    }

    /// <summary>Puts the labels (+1 or −1) of samples into the front of <paramref name="labels"/>.</summary>
    public void LoadLabels(Tensor<int> samples, Tensor<float> labels, int count) => _gather.Gather(_labels, samples, labels, 1, count);

    public void Dispose()
    {
        _gather.Dispose();
        _pixels?.Dispose();
        _features?.Dispose();
        _labels.Dispose();
        _rows?.Dispose();
    }
}
