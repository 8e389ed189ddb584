using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>An index outside the tensor that it points into is an <see cref="ArgumentOutOfRangeException"/> before anything is written.</summary>
internal sealed unsafe class RowGatherSimd(SimdDevice device) : RowGather(device)
{
    protected override void GatherCore(Tensor<byte> x, Tensor<int> rows, Tensor<float> y, int length, int count)
    {
        int* indices = Checked(rows, count, x.Length / length);
        int perChunk = RowChunks.RowsPerChunk(length);
        device.For(RowChunks.Count(count, perChunk), new ByteChunk(SimdDevice.Pointer(x), indices, SimdDevice.Pointer(y), length, count, perChunk));
    }

    protected override void GatherCore(Tensor<float> x, Tensor<int> rows, Tensor<float> y, int length, int count)
    {
        int* indices = Checked(rows, count, x.Length / length);
        int perChunk = RowChunks.RowsPerChunk(length);
        device.For(RowChunks.Count(count, perChunk), new CopyChunk(SimdDevice.Pointer(x), indices, null, SimdDevice.Pointer(y), length, count, perChunk));
    }

    protected override void ScatterCore(Tensor<float> x, Tensor<int> rows, Tensor<float> y, int length, int count)
    {
        int* indices = Checked(rows, count, y.Length / length);
        int perChunk = RowChunks.RowsPerChunk(length);
        device.For(RowChunks.Count(count, perChunk), new CopyChunk(SimdDevice.Pointer(x), null, indices, SimdDevice.Pointer(y), length, count, perChunk));
    }

    private static int* Checked(Tensor<int> rows, int count, int available)
    {
        int* indices = SimdDevice.Pointer(rows);
        for (int i = 0; i < count; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(indices[i], nameof(rows));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(indices[i], available, nameof(rows));
        }

        return indices;
    }

    private readonly struct ByteChunk(byte* x, int* rows, float* y, int length, int count, int perChunk) : IChunkBody
    {
        public void Run(int chunk)
        {
            int end = Math.Min((chunk + 1) * perChunk, count);
            for (int i = chunk * perChunk; i < end; i++)
            {
                Scale(x + ((nint)rows[i] * length), y + ((nint)i * length), length);
            }
        }

        /// <summary>A division, not a product with 1/255: only that gives the float nearest to byte/255.</summary>
        private static void Scale(byte* from, float* to, int length)
        {
            Vector128<float> largest = Vector128.Create(255f);
            int i = 0;
            for (; i <= length - Vector128<byte>.Count; i += Vector128<byte>.Count)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(from + i));
                (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(low);
                (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(high);
                (Vector128.ConvertToSingle(a.AsInt32()) / largest).Store(to + i);
                (Vector128.ConvertToSingle(b.AsInt32()) / largest).Store(to + i + 4);
                (Vector128.ConvertToSingle(c.AsInt32()) / largest).Store(to + i + 8);
                (Vector128.ConvertToSingle(d.AsInt32()) / largest).Store(to + i + 12);
            }

            for (; i < length; i++)
            {
                to[i] = from[i] / 255f;
            }
        }
    }

    /// <summary>Copies row from[i] to row to[i]; no indices mean i itself.</summary>
    private readonly struct CopyChunk(float* x, int* from, int* to, float* y, int length, int count, int perChunk) : IChunkBody
    {
        public void Run(int chunk)
        {
            int end = Math.Min((chunk + 1) * perChunk, count);
            for (int i = chunk * perChunk; i < end; i++)
            {
                nint source = (nint)(from is null ? i : from[i]) * length;
                nint destination = (nint)(to is null ? i : to[i]) * length;
                Unsafe.CopyBlockUnaligned(y + destination, x + source, (uint)(length * sizeof(float)));
            }
        }
    }
}
