using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Elementwise;

/// <summary>
/// Pairs lie side by side in a vector, so this is the one elementwise operation that moves lanes; one width serves all
/// devices with vectors, since memory decides the speed.
/// </summary>
internal sealed unsafe class MaxMinSimd(SimdDevice device) : MaxMin(device)
{
    protected override void ExchangeCore(Tensor<float> key, Tensor<float> source, Tensor<float> target, int length) =>
        device.For(
            (int)(((long)length + ElementwiseLoop.ChunkLength - 1) / ElementwiseLoop.ChunkLength),
            new Chunks(device.VectorBits >= 128, SimdDevice.Pointer(key), SimdDevice.Pointer(source), SimdDevice.Pointer(target), length));

    private readonly struct Chunks(bool vectors, float* key, float* source, float* target, int length) : IChunkBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int chunk)
        {
            nint i = (nint)chunk * ElementwiseLoop.ChunkLength;
            nint end = Math.Min(i + ElementwiseLoop.ChunkLength, length);
            if (vectors)
            {
                var evenLanes = Vector256.Create(-1, 0, -1, 0, -1, 0, -1, 0).AsSingle();
                for (; i <= end - Vector256<float>.Count; i += Vector256<float>.Count)
                {
                    var keys = Vector256.Load(key + i);
                    Vector256<float> other = Swapped(keys);
                    var first = Vector256.ConditionalSelect(evenLanes, keys, other);
                    var second = Vector256.ConditionalSelect(evenLanes, other, keys);
                    Vector256<float> exchanged = Vector256.GreaterThan(second, first);
                    var values = Vector256.Load(source + i);
                    Vector256.Store(Vector256.ConditionalSelect(exchanged, Swapped(values), values), target + i);
                }
            }

            for (; i < end; i += 2)
            {
                bool exchanged = MaxMinOperator.Exchanged(key[i], key[i + 1]);
                (float a, float b) = (source[i], source[i + 1]);
                (target[i], target[i + 1]) = exchanged ? (b, a) : (a, b);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Swapped(Vector256<float> value) => Vector256.Shuffle(value, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
    }
}
