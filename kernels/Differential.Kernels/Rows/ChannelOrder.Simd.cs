using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Rows;

internal sealed unsafe class ChannelOrderSimd(SimdDevice device, int pixels, int channels) : ChannelOrder(device, pixels, channels)
{
    protected override void ToChannelsFirstCore(Tensor<float> x, Tensor<float> y, int count) => Transpose(x, y, Pixels, Channels, count);

    protected override void ToChannelsLastCore(Tensor<float> x, Tensor<float> y, int count) => Transpose(x, y, Channels, Pixels, count);

    /// <summary>Each of <paramref name="count"/> matrices [rows, columns] becomes [columns, rows].</summary>
    private void Transpose(Tensor<float> x, Tensor<float> y, int rows, int columns, int count)
    {
        int perChunk = RowChunks.RowsPerChunk(rows * columns);
        device.For(RowChunks.Count(count, perChunk), new Chunk(SimdDevice.Pointer(x), SimdDevice.Pointer(y), rows, columns, count, perChunk));
    }

    private readonly struct Chunk(float* x, float* y, int rows, int columns, int count, int perChunk) : IChunkBody
    {
        public void Run(int chunk)
        {
            int first = chunk * perChunk;
            int end = Math.Min(first + perChunk, count);
            for (int image = first; image < end; image++)
            {
                nint offset = (nint)image * rows * columns;
                Transposition.Run(x + offset, columns, y + offset, rows, rows, columns);
            }
        }
    }
}
