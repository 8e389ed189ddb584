using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Elementwise;

/// <summary>What is done to the elements from an index on, as many as there are lanes.</summary>
internal interface IElementwiseBody
{
    void At<TVector, TSimd>(nint index)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>;
}

/// <summary>
/// The loop of every elementwise operation of the SIMD device: vectors of the device's width, single lanes for
/// the tail, chunks of a fixed size over the threads.
/// </summary>
internal static class ElementwiseLoop
{
    /// <summary>Elements of a chunk: large enough to be worth a thread's wake-up, a multiple of every width.</summary>
    internal const int ChunkLength = 32_768;

    public static void Run<TBody>(SimdDevice device, int length, TBody body)
        where TBody : struct, IElementwiseBody =>
        device.For((int)(((long)length + ChunkLength - 1) / ChunkLength), new Chunks<TBody>(device.VectorBits, body, length));

    /// <summary>The elements from <paramref name="start"/> to before <paramref name="end"/>, on the calling thread.</summary>
    public static void Range<TBody>(int vectorBits, TBody body, nint start, nint end)
        where TBody : struct, IElementwiseBody
    {
        if (vectorBits == 512)
        {
            start = Whole<TBody, Vector512<float>, Simd512>(body, start, end);
        }
        else if (vectorBits == 256)
        {
            start = Whole<TBody, Vector256<float>, Simd256>(body, start, end);
        }
        else if (vectorBits == 128)
        {
            start = Whole<TBody, Vector128<float>, Simd128>(body, start, end);
        }

        Whole<TBody, float, SimdScalar>(body, start, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Whole<TBody, TVector, TSimd>(TBody body, nint start, nint end)
        where TBody : struct, IElementwiseBody
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        for (; start <= end - TSimd.Length; start += TSimd.Length)
        {
            body.At<TVector, TSimd>(start);
        }

        return start;
    }

    private readonly struct Chunks<TBody>(int vectorBits, TBody body, int length) : IChunkBody
        where TBody : struct, IElementwiseBody
    {
        public void Run(int chunk)
        {
            nint start = (nint)chunk * ChunkLength;
            Range(vectorBits, body, start, Math.Min(start + ChunkLength, length));
        }
    }
}
