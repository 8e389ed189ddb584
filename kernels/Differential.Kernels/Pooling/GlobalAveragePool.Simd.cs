using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Pooling;

/// <summary>Chunks are images, vectors run over the channels.</summary>
internal sealed unsafe class GlobalAveragePoolSimd(SimdDevice device, int pixels, int channels) : GlobalAveragePool(device, pixels, channels)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> y, int count) =>
        device.For(count, new ForwardChunk(device.VectorBits, SimdDevice.Pointer(x), SimdDevice.Pointer(y), Pixels, Channels));

    protected override void BackwardCore(Tensor<float> dy, Tensor<float> dx, int count) =>
        device.For(count, new BackwardChunk(device.VectorBits, SimdDevice.Pointer(dy), SimdDevice.Pointer(dx), Pixels, Channels));

    private readonly struct ForwardChunk(int vectorBits, float* x, float* y, int pixels, int channels) : IChunkBody
    {
        public void Run(int chunk) =>
            ElementwiseLoop.Range(vectorBits, new MeanBody(x + ((nint)chunk * pixels * channels), y + ((nint)chunk * channels), pixels, channels), 0, channels);
    }

    private readonly struct MeanBody(float* x, float* y, int pixels, int channels) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            TVector sum = TSimd.Broadcast(0);
            for (int pixel = 0; pixel < pixels; pixel++)
            {
                sum = TSimd.Add(sum, TSimd.Load(x + ((nint)pixel * channels) + index));
            }

            TSimd.Store(TSimd.Multiply(sum, TSimd.Broadcast(1f / pixels)), y + index);
        }
    }

    private readonly struct BackwardChunk(int vectorBits, float* dy, float* dx, int pixels, int channels) : IChunkBody
    {
        public void Run(int chunk)
        {
            float* target = dx + ((nint)chunk * pixels * channels);
            for (int pixel = 0; pixel < pixels; pixel++, target += channels)
            {
                ElementwiseLoop.Range(vectorBits, new ShareBody(dy + ((nint)chunk * channels), target, 1f / pixels), 0, channels);
            }
        }
    }

    private readonly struct ShareBody(float* dy, float* dx, float share) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> => TSimd.Store(TSimd.Multiply(TSimd.Load(dy + index), TSimd.Broadcast(share)), dx + index);
    }
}
