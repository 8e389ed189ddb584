
using System.Buffers;
using Differential.Core.Data;

namespace Differential.Core.Batches;

/// <summary>Mirrored and shifted images of a batch, put together on the host from the stored bytes; on any thread.</summary>
internal sealed class BatchAugmentation
{
    private readonly Dataset _data;
    private readonly AugmentationOptions _options;
    private readonly long _seed;

    /// <exception cref="ArgumentException">The data are no images.</exception>
    public BatchAugmentation(Dataset data, AugmentationOptions options, long seed)
    {
        if (!data.IsImages)
        {
            throw new ArgumentException("only images can be mirrored and shifted", nameof(data));
        }

        (_data, _options, _seed) = (data, options, seed);
    }

    /// <summary>The changed images of <paramref name="samples"/>, one after another.</summary>
    /// <param name="samples">Indices of samples.</param>
    /// <param name="step">Number of the step in the run: decides the changes.</param>
    /// <param name="bytes">At least as long as the images together.</param>
    public void Fill(ReadOnlySpan<int> samples, long step, Span<byte> bytes)
    {
        var random = new RandomStream(_seed, "augmentation", step);
        int length = _data.SampleShape.Length;
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        Span<byte> image = rented.AsSpan(0, length);
        for (int i = 0; i < samples.Length; i++)
        {
            bool mirror = _options.Flip && random.NextInt32(2) == 1;
            int down = random.NextInt32((2 * _options.Crop) + 1) - _options.Crop;
            int right = random.NextInt32((2 * _options.Crop) + 1) - _options.Crop;
            _data.CopyImage(samples[i], image);
            Place(image, bytes.Slice(i * length, length), mirror, down, right);
        }

        ArrayPool<byte>.Shared.Return(rented);
    }

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
