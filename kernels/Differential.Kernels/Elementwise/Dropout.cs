using System.Runtime.CompilerServices;
using Differential.Kernels.Devices;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>
/// Dropout (Srivastava et al. 2014): elements become 0 at random, the others are divided by the share that stays. Which ones a hash of the
/// element's place and of a key on the device decides: the same on every device, for a forward pass and its gradient, with nothing to store and
/// nothing of the host. y may be x.
/// </summary>
public abstract class Dropout(ComputeDevice device) : Operation(device)
{
    /// <summary>Elements of a key.</summary>
    public const int KeyLength = 2;

    public static Dropout Create(ComputeDevice device)
    {
        return device switch
        {
            SimdDevice simd => new DropoutSimd(simd),
            IlgpuDevice ilgpu => new DropoutIlgpu(ilgpu),
            _ => throw NoKernel(device, nameof(Dropout)),
        };
    }

    /// <summary>y[i] = 0 where i is dropped, else x[i] / (1 − rate). The gradient by the input is the same of the gradient by the output.</summary>
    /// <param name="x">The values.</param>
    /// <param name="key">[<see cref="KeyLength"/>], any numbers.</param>
    /// <param name="rate">Share that is dropped, at least 0 and below 1.</param>
    /// <param name="y">Overwritten.</param>
    /// <param name="length">Number of elements.</param>
    public void Apply(Tensor<float> x, Tensor<int> key, double rate, Tensor<float> y, int length)
    {
        Check(x, length, nameof(x));
        Check(key, KeyLength, nameof(key));
        Check(y, length, nameof(y));
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rate, 1);
        ApplyCore(x, key, (uint)Math.Min(rate * 4_294_967_296.0, uint.MaxValue), (float)(1 / (1 - rate)), y, length);
    }

    /// <param name="x">The values.</param>
    /// <param name="key">The key.</param>
    /// <param name="threshold">Elements whose hash is below are dropped.</param>
    /// <param name="scale">Factor of the others.</param>
    /// <param name="y">Overwritten.</param>
    /// <param name="length">Number of elements.</param>
    protected abstract void ApplyCore(Tensor<float> x, Tensor<int> key, uint threshold, float scale, Tensor<float> y, int length);
}

/// <summary>Which elements are dropped, for every device.</summary>
internal static class DropoutOperator
{
    /// <summary>The element, or 0. NaN stays NaN where it is kept.</summary>
    public static float Apply(float x, uint index, uint first, uint second, uint threshold, float scale) => Hash(index, first, second) < threshold ? 0 : x * scale;

    /// <summary>The finaliser of MurmurHash3 (Appleby 2011) twice, each time with half of the key.</summary>
    public static uint Hash(uint index, uint first, uint second) => Mixed(Mixed(index ^ first) + second);

    private static uint Mixed(uint value)
    {
        value ^= value >> 16;
        value *= 0x85EBCA6B;
        value ^= value >> 13;
        value *= 0xC2B2AE35;
        return value ^ (value >> 16);
    }
}

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

internal sealed class DropoutIlgpu(IlgpuDevice device) : Dropout(device)
{
    protected override void ApplyCore(Tensor<float> x, Tensor<int> key, uint threshold, float scale, Tensor<float> y, int length) =>
        device.Load<Arguments>(Apply).LaunchElements(length, new(IlgpuDevice.View(x), IlgpuDevice.View(key), IlgpuDevice.View(y), threshold, scale, length));

    internal static void Apply(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Y[i] = DropoutOperator.Apply(
                arguments.X[i], (uint)i, (uint)arguments.Key[0], (uint)arguments.Key[1], arguments.Threshold, arguments.Scale);
        }
    }

    internal readonly struct Arguments(ArrayView<float> x, ArrayView<int> key, ArrayView<float> y, uint threshold, float scale, int length)
    {
        public readonly ArrayView<float> X = x;
        public readonly ArrayView<int> Key = key;
        public readonly ArrayView<float> Y = y;
        public readonly uint Threshold = threshold;
        public readonly float Scale = scale;
        public readonly int Length = length;
    }
}
