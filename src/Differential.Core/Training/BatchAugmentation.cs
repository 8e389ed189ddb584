using Differential.Core.Data;
using Differential.Kernels.Batching;
using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Core.Training;

/// <summary>Mirrored and shifted images of a batch, put together on the host from the stored bytes.</summary>
internal sealed class BatchAugmentation : IDisposable
{
    private readonly OwnedResources _owned = new();
    private readonly Dataset _data;
    private readonly AugmentationOptions _options;
    private readonly long _seed;
    private readonly RowGather _gather;
    private readonly Tensor<byte> _staged;
    private readonly Tensor<int> _rows;
    private readonly byte[] _bytes;

    /// <exception cref="ArgumentException">The data are no images.</exception>
    public BatchAugmentation(ComputeDevice device, Dataset data, AugmentationOptions options, int maxBatch, long seed)
    {
        if (data.Pixels is null)
        {
            throw new ArgumentException("only images can be mirrored and shifted", nameof(data));
        }

        (_data, _options, _seed) = (data, options, seed);
        _bytes = new byte[maxBatch * data.SampleShape.Length];
        try
        {
            _gather = _owned.Add(RowGather.Create(device));
            _staged = _owned.Add(device.Allocate<byte>(data.SampleShape.Batched(maxBatch)));
            _rows = _owned.Add(device.Allocate<int>(new Shape(maxBatch)));
            _rows.Write([.. Enumerable.Range(0, maxBatch)]);
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    /// <summary>The changed images of <paramref name="samples"/> into the front of <paramref name="batch"/>.</summary>
    /// <param name="samples">Indices of samples.</param>
    /// <param name="step">Number of the step in the run: decides the changes.</param>
    /// <param name="batch">As networks see it before normalisation.</param>
    public void Load(ReadOnlySpan<int> samples, long step, Tensor<float> batch)
    {
        var random = new RandomStream(_seed, "augmentation", step);
        int length = _data.SampleShape.Length;
        for (int i = 0; i < samples.Length; i++)
        {
            bool mirror = _options.Flip && random.NextInt32(2) == 1;
            int down = random.NextInt32((2 * _options.Crop) + 1) - _options.Crop;
            int right = random.NextInt32((2 * _options.Crop) + 1) - _options.Crop;
            Place(_data.Pixels.AsSpan(samples[i] * length, length), _bytes.AsSpan(i * length, length), mirror, down, right);
        }

        _staged.Write(_bytes.AsSpan(0, samples.Length * length));
        _gather.Gather(_staged, _rows, batch, length, samples.Length);
    }

    public void Dispose() => _owned.Dispose();

    private void Place(ReadOnlySpan<byte> source, Span<byte> target, bool mirror, int down, int right)
    {
        (int height, int width, int channels) = (_data.SampleShape[0], _data.SampleShape[1], _data.SampleShape[2]);
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                (int fromRow, int fromColumn) = (row - down, (mirror ? width - 1 - column : column) - right);
                Span<byte> pixel = target.Slice(((row * width) + column) * channels, channels);
                if (fromRow < 0 || fromRow >= height || fromColumn < 0 || fromColumn >= width)
                {
                    pixel.Clear();
                }
                else
                {
                    source.Slice(((fromRow * width) + fromColumn) * channels, channels).CopyTo(pixel);
                }
            }
        }
    }
}
