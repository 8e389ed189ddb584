using Differential.Kernels.Devices;

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
        /// <summary>Rows and columns that are moved together: 16 floats are a cache line.</summary>
        private const int Block = 16;

        public void Run(int chunk)
        {
            int first = chunk * perChunk;
            int end = Math.Min(first + perChunk, count);
            for (int image = first; image < end; image++)
            {
                nint offset = (nint)image * rows * columns;
                for (int row = 0; row < rows; row += Block)
                {
                    for (int column = 0; column < columns; column += Block)
                    {
                        MoveBlock(x + offset, y + offset, row, column);
                    }
                }
            }
        }

        private void MoveBlock(float* from, float* to, int row, int column)
        {
            int lastRow = Math.Min(row + Block, rows);
            int lastColumn = Math.Min(column + Block, columns);
            for (int c = column; c < lastColumn; c++)
            {
                for (int r = row; r < lastRow; r++)
                {
                    to[((nint)c * rows) + r] = from[((nint)r * columns) + c];
                }
            }
        }
    }
}
