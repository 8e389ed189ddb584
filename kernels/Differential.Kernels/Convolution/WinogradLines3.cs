using System.Runtime.CompilerServices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>F(4, 3) and F(3, 4): tiles of six with the interpolation points 0, ±1, ±2 and ∞.</summary>
internal readonly unsafe struct WinogradLines3 : IWinogradLines
{
    public static int Size => 6;

    public static int Kernel => 3;

    // Bᵀ: (4 0 −5 0 1 0), (0 −4 −4 1 1 0), (0 4 −4 −1 1 0), (0 −2 −1 2 1 0), (0 2 −1 −2 1 0), (0 4 0 −5 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InputLine<TVector, TSimd>(TVector d0, TVector d1, TVector d2, TVector d3, TVector d4, TVector d5, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector four = TSimd.Broadcast(4), minusFour = TSimd.Broadcast(-4), minusFive = TSimd.Broadcast(-5), minusOne = TSimd.Broadcast(-1), two = TSimd.Broadcast(2), minusTwo = TSimd.Broadcast(-2);
        TSimd.Store(TSimd.MultiplyAdd(minusFive, d2, TSimd.MultiplyAdd(four, d0, d4)), to);
        TVector even = TSimd.MultiplyAdd(minusFour, d2, d4);
        TVector odd = TSimd.MultiplyAdd(minusFour, d1, d3);
        TSimd.Store(TSimd.Add(even, odd), to + stride);
        TSimd.Store(TSimd.MultiplyAdd(minusOne, odd, even), to + (2 * stride));
        even = TSimd.MultiplyAdd(minusOne, d2, d4);
        odd = TSimd.MultiplyAdd(minusOne, d1, d3);
        TSimd.Store(TSimd.MultiplyAdd(two, odd, even), to + (3 * stride));
        TSimd.Store(TSimd.MultiplyAdd(minusTwo, odd, even), to + (4 * stride));
        TSimd.Store(TSimd.MultiplyAdd(minusFive, d3, TSimd.MultiplyAdd(four, d1, d5)), to + (5 * stride));
    }

    // Aᵀ: (1 1 1 1 1 0), (0 1 −1 2 −2 0), (0 1 1 4 4 0), (0 1 −1 8 −8 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputLine<TVector, TSimd>(float* at, nint stride, out TVector o0, out TVector o1, out TVector o2, out TVector o3)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        Fold<TVector, TSimd>(at, stride, out TVector sum1, out TVector difference1, out TVector sum2, out TVector difference2);
        o0 = TSimd.Add(TSimd.Load(at), TSimd.Add(sum1, sum2));
        o1 = TSimd.MultiplyAdd(TSimd.Broadcast(2), difference2, difference1);
        o2 = TSimd.MultiplyAdd(TSimd.Broadcast(4), sum2, sum1);
        o3 = TSimd.Add(TSimd.MultiplyAdd(TSimd.Broadcast(8), difference2, difference1), TSimd.Load(at + (5 * stride)));
    }

    // G of F(4, 3): (1/4 0 0), (−1/6 −1/6 −1/6), (−1/6 1/6 −1/6), (1/24 1/12 1/6), (1/24 −1/12 1/6), (0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void KernelLine<TVector, TSimd>(float* at, nint from, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector g0 = TSimd.Load(at), g1 = TSimd.Load(at + from), g2 = TSimd.Load(at + (2 * from));
        TVector minusSixth = TSimd.Broadcast(-1f / 6), sixth = TSimd.Broadcast(1f / 6), minusOne = TSimd.Broadcast(-1);
        TSimd.Store(TSimd.Multiply(TSimd.Broadcast(0.25f), g0), to);
        TVector even = TSimd.Add(g0, g2);
        TSimd.Store(TSimd.Multiply(minusSixth, TSimd.Add(even, g1)), to + stride);
        TSimd.Store(TSimd.Multiply(minusSixth, TSimd.MultiplyAdd(minusOne, g1, even)), to + (2 * stride));
        even = TSimd.MultiplyAdd(TSimd.Broadcast(1f / 24), g0, TSimd.Multiply(sixth, g2));
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Broadcast(1f / 12), g1, even), to + (3 * stride));
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Broadcast(-1f / 12), g1, even), to + (4 * stride));
        TSimd.Store(g2, to + (5 * stride));
    }

    // G of F(3, 4): (1/4 0 0 0), (−1/6 −1/6 −1/6 −1/6), (−1/6 1/6 −1/6 1/6), (1/24 1/12 1/6 1/3), (1/24 −1/12 1/6 −1/3), (0 0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void GradientLine<TVector, TSimd>(TVector g0, TVector g1, TVector g2, TVector g3, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector minusSixth = TSimd.Broadcast(-1f / 6), minusOne = TSimd.Broadcast(-1);
        TSimd.Store(TSimd.Multiply(TSimd.Broadcast(0.25f), g0), to);
        TVector even = TSimd.Add(g0, g2);
        TVector odd = TSimd.Add(g1, g3);
        TSimd.Store(TSimd.Multiply(minusSixth, TSimd.Add(even, odd)), to + stride);
        TSimd.Store(TSimd.Multiply(minusSixth, TSimd.MultiplyAdd(minusOne, odd, even)), to + (2 * stride));
        even = TSimd.MultiplyAdd(TSimd.Broadcast(1f / 24), g0, TSimd.Multiply(TSimd.Broadcast(1f / 6), g2));
        odd = TSimd.MultiplyAdd(TSimd.Broadcast(1f / 12), g1, TSimd.Multiply(TSimd.Broadcast(1f / 3), g3));
        TSimd.Store(TSimd.Add(even, odd), to + (3 * stride));
        TSimd.Store(TSimd.MultiplyAdd(minusOne, odd, even), to + (4 * stride));
        TSimd.Store(g3, to + (5 * stride));
    }

    // Aᵀ of F(3, 4): (1 1 1 1 1 0), (0 1 −1 2 −2 0), (0 1 1 4 4 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TapLine<TVector, TSimd>(float* at, nint from, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        Fold<TVector, TSimd>(at, from, out TVector sum1, out TVector difference1, out TVector sum2, out TVector difference2);
        TSimd.Store(TSimd.Add(TSimd.Load(at), TSimd.Add(sum1, sum2)), to);
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Broadcast(2), difference2, difference1), to + stride);
        TSimd.Store(TSimd.Add(TSimd.MultiplyAdd(TSimd.Broadcast(4), sum2, sum1), TSimd.Load(at + (5 * from))), to + (2 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<TVector, TSimd>(float* at, nint stride, out TVector sum1, out TVector difference1, out TVector sum2, out TVector difference2)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector minusOne = TSimd.Broadcast(-1);
        TVector m1 = TSimd.Load(at + stride), m2 = TSimd.Load(at + (2 * stride)), m3 = TSimd.Load(at + (3 * stride)), m4 = TSimd.Load(at + (4 * stride));
        sum1 = TSimd.Add(m1, m2);
        difference1 = TSimd.MultiplyAdd(minusOne, m2, m1);
        sum2 = TSimd.Add(m3, m4);
        difference2 = TSimd.MultiplyAdd(minusOne, m4, m3);
    }
}
