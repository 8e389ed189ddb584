using System.Runtime.CompilerServices;
using Differential.Kernels.Devices;

namespace Differential.Kernels.Elementwise;

internal sealed unsafe class DropoutSimd(SimdDevice device) : Dropout(device)
{
    protected override void ApplyCore(Tensor<float> x, Tensor<int> key, uint threshold, float scale, Tensor<float> y, int length)
    {
        int* keys = SimdDevice.Pointer(key);
        device.For(
            (int)(((long)length + ElementwiseLoop.ChunkLength - 1) / ElementwiseLoop.ChunkLength),
            new Chunks(SimdDevice.Pointer(x), (uint)keys[0], (uint)keys[1], threshold, scale, SimdDevice.Pointer(y), length));
    }

    /// <summary>The hash works on integers, one element at a time.</summary>
    private readonly struct Chunks(float* x, uint first, uint second, uint threshold, float scale, float* y, int length) : IChunkBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int chunk)
        {
            int start = chunk * ElementwiseLoop.ChunkLength;
            int end = Math.Min(ElementwiseLoop.ChunkLength, length - start) + start;
            for (int i = start; i < end; i++)
            {
                y[i] = DropoutOperator.Apply(x[i], (uint)i, first, second, threshold, scale);
            }
        }
    }
}
