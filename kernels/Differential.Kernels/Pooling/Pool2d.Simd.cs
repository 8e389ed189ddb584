using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Pooling;

/// <summary>
/// Pooling on the SIMD device: vectors run over the channels, chunks over output rows, or over images where windows
/// overlap and their gradients add up. The gradient finds the largest inputs again instead of storing where they are.
/// </summary>
internal sealed unsafe class Pool2dSimd(SimdDevice device, PoolKind kind, Pool2dGeometry geometry) : Pool2d(device, kind, geometry)
{
    // A window that shares no element with another is read before it is written.
    public override bool IsInPlace => IsTiled(Geometry);

    private static bool IsTiled(Pool2dGeometry geometry) =>
        geometry.Size == geometry.Stride && geometry.Height % geometry.Size == 0 && geometry.Width % geometry.Size == 0;

    protected override void ForwardCore(Tensor<float> x, Tensor<float> y, int count)
    {
        ForwardAction action = new(device, Kind, Geometry, SimdDevice.Pointer(x), SimdDevice.Pointer(y), count);
        SimdWidth.Invoke(device.VectorBits, ref action);
    }

    protected override void BackwardCore(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count)
    {
        BackwardAction action = new(device, Kind, Geometry, SimdDevice.Pointer(x), SimdDevice.Pointer(dy), SimdDevice.Pointer(dx), count);
        SimdWidth.Invoke(device.VectorBits, ref action);
    }

    private readonly struct ForwardAction(SimdDevice device, PoolKind kind, Pool2dGeometry geometry, float* x, float* y, int count) : ISimdAction
    {
        public void Invoke<TVector, TSimd>()
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            device.For(
                RowChunks.Count(count * geometry.OutputHeight, RowsPerChunk),
                new ForwardBody<TVector, TSimd>(kind, geometry, x, y, count * geometry.OutputHeight, RowsPerChunk));

        // Several rows a chunk, so that threads do not meet at the counter for every few kilobytes.
        private int RowsPerChunk => RowChunks.RowsPerChunk(geometry.Stride * geometry.Width * geometry.Channels);
    }

    private readonly struct ForwardBody<TVector, TSimd>(PoolKind kind, Pool2dGeometry geometry, float* x, float* y, int rows, int rowsPerChunk) : IChunkBody
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        public void Run(int chunk)
        {
            int first = chunk * rowsPerChunk;
            int last = Math.Min(rowsPerChunk, rows - first) + first;
            for (int row = first; row < last; row++)
            {
                Row(row / geometry.OutputHeight, row % geometry.OutputHeight);
            }
        }

        private void Row(int image, int row)
        {
            nint rowStride = (nint)geometry.Width * geometry.Channels;
            float* input = x + ((nint)image * geometry.InputLength) + (row * geometry.Stride * rowStride);
            float* output = y + ((((nint)image * geometry.OutputHeight) + row) * geometry.OutputWidth * geometry.Channels);
            for (int column = 0; column < geometry.OutputWidth; column++)
            {
                int channel = 0;
                for (; channel <= geometry.Channels - TSimd.Length; channel += TSimd.Length)
                {
                    Window<TVector, TSimd>(input + channel, output + channel, rowStride);
                }

                for (; channel < geometry.Channels; channel++)
                {
                    Window<float, SimdScalar>(input + channel, output + channel, rowStride);
                }

                input += geometry.Stride * geometry.Channels;
                output += geometry.Channels;
            }
        }

        private void Window<TPart, TPartSimd>(float* input, float* output, nint rowStride)
            where TPart : unmanaged
            where TPartSimd : struct, ISimd<TPart>
        {
            TPart value;
            if (kind == PoolKind.Max)
            {
                value = geometry.Size == 2
                    ? PoolWindow.Largest<TPart, TPartSimd>(input, 2, rowStride, geometry.Channels)
                    : PoolWindow.Largest<TPart, TPartSimd>(input, geometry.Size, rowStride, geometry.Channels);
            }
            else
            {
                TPart sum = PoolWindow.Sum<TPart, TPartSimd>(input, geometry.Size, rowStride, geometry.Channels);
                value = TPartSimd.Multiply(sum, TPartSimd.Broadcast(1f / (geometry.Size * geometry.Size)));
            }

            TPartSimd.Store(value, output);
        }
    }

    private readonly struct BackwardAction(SimdDevice device, PoolKind kind, Pool2dGeometry geometry, float* x, float* dy, float* dx, int count) : ISimdAction
    {
        public void Invoke<TVector, TSimd>()
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            device.For(count, new BackwardBody<TVector, TSimd>(kind, geometry, x, dy, dx));
        }
    }

    private readonly struct BackwardBody<TVector, TSimd>(PoolKind kind, Pool2dGeometry geometry, float* x, float* dy, float* dx) : IChunkBody
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        // Windows that tile the image write each of its elements once; else it is cleared, and overlapping windows add.
        private readonly bool _tiled = IsTiled(geometry);

        public void Run(int chunk)
        {
            nint image = (nint)chunk * geometry.InputLength;
            nint rowStride = (nint)geometry.Width * geometry.Channels;
            float* gradient = dy + ((nint)chunk * geometry.OutputLength);
            if (!_tiled)
            {
                new Span<float>(dx + image, geometry.InputLength).Clear();
            }

            for (int row = 0; row < geometry.OutputHeight; row++)
            {
                for (int column = 0; column < geometry.OutputWidth; column++, gradient += geometry.Channels)
                {
                    nint start = image + (row * geometry.Stride * rowStride) + ((nint)column * geometry.Stride * geometry.Channels);
                    int channel = 0;
                    for (; channel <= geometry.Channels - TSimd.Length; channel += TSimd.Length)
                    {
                        Window<TVector, TSimd>(start + channel, gradient + channel, rowStride);
                    }

                    for (; channel < geometry.Channels; channel++)
                    {
                        Window<float, SimdScalar>(start + channel, gradient + channel, rowStride);
                    }
                }
            }
        }

        private void Window<TPart, TPartSimd>(nint start, float* gradient, nint rowStride)
            where TPart : unmanaged
            where TPartSimd : struct, ISimd<TPart>
        {
            TPart value = TPartSimd.Load(gradient);
            if (kind == PoolKind.Average)
            {
                TPart part = TPartSimd.Multiply(value, TPartSimd.Broadcast(1f / (geometry.Size * geometry.Size)));
                PoolWindow.Scatter<TPart, TPartSimd>(dx + start, part, !_tiled, geometry.Size, rowStride, geometry.Channels);
            }
            else if (_tiled && geometry.Size == 2)
            {
                // The common case with its sizes as constants, so that the loops unroll.
                TPart place = PoolWindow.Place<TPart, TPartSimd>(x + start, 2, rowStride, geometry.Channels);
                PoolWindow.ScatterLargest<TPart, TPartSimd>(dx + start, value, place, false, 2, rowStride, geometry.Channels);
            }
            else
            {
                TPart place = PoolWindow.Place<TPart, TPartSimd>(x + start, geometry.Size, rowStride, geometry.Channels);
                PoolWindow.ScatterLargest<TPart, TPartSimd>(dx + start, value, place, !_tiled, geometry.Size, rowStride, geometry.Channels);
            }
        }
    }
}
