using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Elementwise;

internal sealed unsafe class ChannelAffineSimd(SimdDevice device) : ChannelAffine(device)
{
    /// <summary>Up to this many channels the means are repeated so that whole vectors fit them.</summary>
    private const int RepeatedChannels = 64;

    /// <summary>Times that they are repeated: the widest vector's lanes.</summary>
    private const int Repetitions = 16;

    protected override void ForwardCore(Tensor<float> x, Tensor<float> mean, float scale, Tensor<float> y, int length)
    {
        int channels = mean.Length;
        int period = channels <= RepeatedChannels ? channels * Repetitions : channels;
        int chunkLength = Math.Max(1, ElementwiseLoop.ChunkLength / period) * period;
        int chunks = (int)(((long)length + chunkLength - 1) / chunkLength);
        device.For(chunks, new ForwardChunks(device.VectorBits, SimdDevice.Pointer(x), SimdDevice.Pointer(mean), scale, SimdDevice.Pointer(y), length, channels, period, chunkLength));
    }

    protected override void BackwardCore(Tensor<float> dy, float scale, Tensor<float> dx, int length) =>
        ElementwiseLoop.Run(device, length, new BackwardBody(SimdDevice.Pointer(dy), scale, SimdDevice.Pointer(dx)));

    private readonly struct ForwardChunks(int vectorBits, float* x, float* mean, float scale, float* y, int length, int channels, int period, int chunkLength) : IChunkBody
    {
        public void Run(int chunk)
        {
            float* means = mean;
            if (period != channels)
            {
                float* repeated = stackalloc float[RepeatedChannels * Repetitions];
                for (int i = 0; i < period; i++)
                {
                    repeated[i] = mean[i % channels];
                }

                means = repeated;
            }

            nint start = (nint)chunk * chunkLength;
            nint end = Math.Min(start + chunkLength, length);
            for (; start < end; start += period)
            {
                ElementwiseLoop.Range(vectorBits, new ForwardBody(x + start, means, scale, y + start), 0, Math.Min(period, end - start));
            }
        }
    }

    private readonly struct ForwardBody(float* x, float* mean, float scale, float* y) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                ChannelAffineOperator.Forward<TVector, TSimd>(TSimd.Load(x + index), TSimd.Load(mean + index), TSimd.Broadcast(scale)),
                y + index);
    }

    private readonly struct BackwardBody(float* dy, float scale, float* dx) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(ChannelAffineOperator.Backward<TVector, TSimd>(TSimd.Load(dy + index), TSimd.Broadcast(scale)), dx + index);
    }
}
