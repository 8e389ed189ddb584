using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Differential.Kernels.Devices;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>
/// MaxMin, GroupSort over pairs (Anil, Lucas and Grosse 2019): of the elements 2i and 2i + 1 the larger goes to 2i, the
/// smaller to 2i + 1, so with channels innermost and an even number of them it sorts neighbouring channels. It is a
/// permutation at every point: it keeps norms, and so do its gradients. A NaN stays. y may be x, dx may be dy or x.
/// </summary>
public abstract class MaxMin(ComputeDevice device) : Operation(device)
{
    public static MaxMin Create(ComputeDevice device) => device switch
    {
        SimdDevice simd => new MaxMinSimd(simd),
        IlgpuDevice ilgpu => new MaxMinIlgpu(ilgpu),
        _ => throw NoKernel(device, nameof(MaxMin)),
    };

    /// <param name="x">The values.</param>
    /// <param name="y">The sorted pairs.</param>
    /// <param name="length">Number of elements, even.</param>
    public void Forward(Tensor<float> x, Tensor<float> y, int length)
    {
        CheckLength(length);
        Check(x, length, nameof(x));
        Check(y, length, nameof(y));
        ExchangeCore(x, x, y, length);
    }

    /// <summary>dx = dy with the pairs that the forward pass exchanged put back.</summary>
    /// <param name="x">The input of the forward pass.</param>
    /// <param name="dy">The gradient by the output.</param>
    /// <param name="dx">The gradient by the input.</param>
    /// <param name="length">Number of elements, even.</param>
    public void Backward(Tensor<float> x, Tensor<float> dy, Tensor<float> dx, int length)
    {
        CheckLength(length);
        Check(x, length, nameof(x));
        Check(dy, length, nameof(dy));
        Check(dx, length, nameof(dx));
        ExchangeCore(x, dy, dx, length);
    }

    /// <summary>target = source with the pairs exchanged of which the second <paramref name="key"/> is the larger.</summary>
    protected abstract void ExchangeCore(Tensor<float> key, Tensor<float> source, Tensor<float> target, int length);

    private static void CheckLength(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(length % 2, 0, nameof(length));
    }
}

/// <summary>Which pairs MaxMin exchanges, for every device.</summary>
internal static class MaxMinOperator
{
    /// <summary>Whether the second goes first: where it is larger. Equal ones stay, and so does a pair with a NaN.</summary>
    public static bool Exchanged(float first, float second) => second > first;
}

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

/// <summary>A thread for each pair.</summary>
internal sealed class MaxMinIlgpu(IlgpuDevice device) : MaxMin(device)
{
    protected override void ExchangeCore(Tensor<float> key, Tensor<float> source, Tensor<float> target, int length)
    {
        if (length > 0)
        {
            device.Load<Arguments>(Exchange).LaunchElements(length / 2, new(IlgpuDevice.View(key), IlgpuDevice.View(source), IlgpuDevice.View(target), length / 2));
        }
    }

    internal static void Exchange(Arguments arguments)
    {
        int pair = Grid.GlobalIndex.X;
        if (pair < arguments.Pairs)
        {
            int first = 2 * pair;
            bool exchanged = MaxMinOperator.Exchanged(arguments.Key[first], arguments.Key[first + 1]);
            float a = arguments.Source[first];
            float b = arguments.Source[first + 1];
            arguments.Target[first] = exchanged ? b : a;
            arguments.Target[first + 1] = exchanged ? a : b;
        }
    }

    internal readonly struct Arguments(ArrayView<float> key, ArrayView<float> source, ArrayView<float> target, int pairs)
    {
        public readonly ArrayView<float> Key = key;
        public readonly ArrayView<float> Source = source;
        public readonly ArrayView<float> Target = target;
        public readonly int Pairs = pairs;
    }
}
