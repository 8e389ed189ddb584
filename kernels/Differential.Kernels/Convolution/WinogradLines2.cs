using System.Runtime.CompilerServices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>F(4, 2) and F(2, 4): tiles of five with the interpolation points 0, ±1, 2 and ∞.</summary>
internal readonly unsafe struct WinogradLines2 : IWinogradLines
{
    public static int Size => 5;

    public static int Kernel => 2;

    // Bᵀ: (2 −1 −2 1 0), (0 −2 −1 1 0), (0 2 −3 1 0), (0 −1 0 1 0), (0 2 −1 −2 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InputLine<TVector, TSimd>(TVector d0, TVector d1, TVector d2, TVector d3, TVector d4, TVector d5, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector two = TSimd.Broadcast(2), minusTwo = TSimd.Broadcast(-2), three = TSimd.Broadcast(3), minusOne = TSimd.Broadcast(-1);
        TVector odd = TSimd.Subtract(d3, d1);
        TSimd.Store(TSimd.MultiplyAdd(two, TSimd.Subtract(d0, d2), odd), to);
        TSimd.Store(TSimd.MultiplyAdd(minusOne, TSimd.Add(d1, d2), odd), to + stride);
        TSimd.Store(TSimd.MultiplyAdd(three, TSimd.Subtract(d1, d2), odd), to + (2 * stride));
        TSimd.Store(odd, to + (3 * stride));
        TSimd.Store(TSimd.MultiplyAdd(minusTwo, odd, TSimd.Subtract(d4, d2)), to + (4 * stride));
    }

    // Aᵀ: (1 1 1 1 0), (0 1 −1 2 0), (0 1 1 4 0), (0 1 −1 8 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputLine<TVector, TSimd>(float* at, nint stride, out TVector o0, out TVector o1, out TVector o2, out TVector o3)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector m1 = TSimd.Load(at + stride), m2 = TSimd.Load(at + (2 * stride)), m3 = TSimd.Load(at + (3 * stride));
        TVector sum = TSimd.Add(m1, m2);
        TVector difference = TSimd.Subtract(m1, m2);
        o0 = TSimd.Add(TSimd.Add(TSimd.Load(at), sum), m3);
        o1 = TSimd.MultiplyAdd(TSimd.Broadcast(2), m3, difference);
        o2 = TSimd.MultiplyAdd(TSimd.Broadcast(4), m3, sum);
        o3 = TSimd.Add(TSimd.MultiplyAdd(TSimd.Broadcast(8), m3, difference), TSimd.Load(at + (4 * stride)));
    }

    // G of F(4, 2): (1/2 0), (−1/2 −1/2), (−1/6 1/6), (1/6 1/3), (0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void KernelLine<TVector, TSimd>(float* at, nint from, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector g0 = TSimd.Load(at), g1 = TSimd.Load(at + from);
        TVector sixth = TSimd.Broadcast(1f / 6);
        TSimd.Store(TSimd.Multiply(TSimd.Broadcast(0.5f), g0), to);
        TSimd.Store(TSimd.Multiply(TSimd.Broadcast(-0.5f), TSimd.Add(g0, g1)), to + stride);
        TSimd.Store(TSimd.Multiply(sixth, TSimd.Subtract(g1, g0)), to + (2 * stride));
        TSimd.Store(TSimd.Multiply(sixth, TSimd.MultiplyAdd(TSimd.Broadcast(2), g1, g0)), to + (3 * stride));
        TSimd.Store(g1, to + (4 * stride));
    }

    // G of F(2, 4): (1/2 0 0 0), (−1/2 −1/2 −1/2 −1/2), (−1/6 1/6 −1/6 1/6), (1/6 1/3 2/3 4/3), (0 0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void GradientLine<TVector, TSimd>(TVector g0, TVector g1, TVector g2, TVector g3, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector sixth = TSimd.Broadcast(1f / 6), two = TSimd.Broadcast(2), four = TSimd.Broadcast(4);
        TVector even = TSimd.Add(g0, g2), odd = TSimd.Add(g1, g3);
        TSimd.Store(TSimd.Multiply(TSimd.Broadcast(0.5f), g0), to);
        TSimd.Store(TSimd.Multiply(TSimd.Broadcast(-0.5f), TSimd.Add(even, odd)), to + stride);
        TSimd.Store(TSimd.Multiply(sixth, TSimd.Subtract(odd, even)), to + (2 * stride));
        even = TSimd.MultiplyAdd(four, g2, g0);
        odd = TSimd.MultiplyAdd(four, g3, g1);
        TSimd.Store(TSimd.Multiply(sixth, TSimd.MultiplyAdd(two, odd, even)), to + (3 * stride));
        TSimd.Store(g3, to + (4 * stride));
    }

    // Aᵀ of F(2, 4): (1 1 1 1 0), (0 1 −1 2 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TapLine<TVector, TSimd>(float* at, nint from, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector m1 = TSimd.Load(at + from), m2 = TSimd.Load(at + (2 * from)), m3 = TSimd.Load(at + (3 * from));
        TSimd.Store(TSimd.Add(TSimd.Add(TSimd.Load(at), TSimd.Add(m1, m2)), m3), to);
        TSimd.Store(TSimd.Add(TSimd.MultiplyAdd(TSimd.Broadcast(2), m3, TSimd.Subtract(m1, m2)), TSimd.Load(at + (4 * from))), to + stride);
    }
}
