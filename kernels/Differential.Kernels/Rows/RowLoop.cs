using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>What is done to one row.</summary>
internal interface IRowBody
{
    /// <param name="row">Which one.</param>
    /// <param name="offset">Its first element.</param>
    /// <param name="length">Elements of a row.</param>
    /// <param name="vectorBits">The device's vectors.</param>
    void Run(int row, nint offset, int length, int vectorBits);
}

/// <summary>The loop over rows of the SIMD device: rows go to the threads; a row is read again by each pass of its work while it lies in the cache.</summary>
internal static class RowLoop
{
    public static void Run<TBody>(SimdDevice device, int length, int count, TBody body)
        where TBody : struct, IRowBody
    {
        int perChunk = RowChunks.RowsPerChunk(length);
        device.For(RowChunks.Count(count, perChunk), new Chunk<TBody>(body, length, count, perChunk, device.VectorBits));
    }

    private readonly struct Chunk<TBody>(TBody body, int length, int count, int perChunk, int vectorBits) : IChunkBody
        where TBody : struct, IRowBody
    {
        public void Run(int chunk)
        {
            int end = Math.Min((chunk + 1) * perChunk, count);
            for (int row = chunk * perChunk; row < end; row++)
            {
                body.Run(row, (nint)row * length, length, vectorBits);
            }
        }
    }
}
