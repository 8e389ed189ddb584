using System.Runtime.CompilerServices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The transforms of Winograd's minimal filtering with tiles of 6 × 6 (Lavin and Gray 2016, <em>Fast Algorithms for Convolutional Neural Networks</em>),
/// interpolation points 0, ±1, ±2 and ∞. F(4 × 4, 3 × 3) makes 4 × 4 outputs of a 6 × 6 input and a 3 × 3 kernel with 36 products in place of 144;
/// F(3 × 3, 4 × 4) makes the 3 × 3 weight gradient of a 6 × 6 input and 4 × 4 output gradients with as many. All run over vectors of channels.
/// </summary>
internal static unsafe class WinogradTiles
{
    /// <summary>Rows and columns of a tile.</summary>
    public const int Size = 6;

    /// <summary>Elements of a tile.</summary>
    public const int Area = Size * Size;

    /// <summary>Rows and columns of outputs that a tile makes.</summary>
    public const int Outputs = 4;

    /// <summary>Rows and columns of the kernel.</summary>
    public const int Kernel = 3;

    private const int MaxVector = 16;

    /// <summary>Bᵀ d B: a 6 × 6 tile of inputs.</summary>
    /// <param name="pixels">Where each of the 36 pixels' channels begin, row by row.</param>
    /// <param name="result">Element t's channels begin at t · <paramref name="stride"/>.</param>
    /// <param name="stride">Floats from an element of the tile to the next.</param>
    /// <param name="channels">Channels, a multiple of the vector's length.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Input<TVector, TSimd>(float** pixels, float* result, nint stride, int channels)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        float* room = stackalloc float[(Area * MaxVector) + MaxVector];
        float* half = Aligned(room);
        for (nint c = 0; c < channels; c += TSimd.Length)
        {
            for (int column = 0; column < Size; column++)
            {
                float** at = pixels + column;
                InputLine<TVector, TSimd>(
                    TSimd.Load(at[0] + c), TSimd.Load(at[Size] + c), TSimd.Load(at[2 * Size] + c),
                    TSimd.Load(at[3 * Size] + c), TSimd.Load(at[4 * Size] + c), TSimd.Load(at[5 * Size] + c),
                    half + (column * MaxVector), Size * MaxVector);
            }

            for (int row = 0; row < Size; row++)
            {
                float* at = half + (row * Size * MaxVector);
                InputLine<TVector, TSimd>(
                    TSimd.Load(at), TSimd.Load(at + MaxVector), TSimd.Load(at + (2 * MaxVector)),
                    TSimd.Load(at + (3 * MaxVector)), TSimd.Load(at + (4 * MaxVector)), TSimd.Load(at + (5 * MaxVector)),
                    result + c + (row * Size * stride), stride);
            }
        }
    }

    /// <summary>Aᵀ m A: 4 × 4 outputs, with bias and floor.</summary>
    /// <param name="products">Element t's filters begin at t · <paramref name="stride"/>.</param>
    /// <param name="stride">Floats from an element of the tile to the next.</param>
    /// <param name="bias">A value for each filter.</param>
    /// <param name="floor">0 for a ReLU, −∞ for none.</param>
    /// <param name="pixels">Where each of the 16 outputs is written, row by row; null for one outside the image.</param>
    /// <param name="filters">Filters, a multiple of the vector's length.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Output<TVector, TSimd>(float* products, nint stride, float* bias, float floor, float** pixels, int filters)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        float* room = stackalloc float[(Outputs * Size * MaxVector) + MaxVector];
        float* half = Aligned(room);
        TVector least = TSimd.Broadcast(floor);
        for (nint f = 0; f < filters; f += TSimd.Length)
        {
            for (int column = 0; column < Size; column++)
            {
                float* at = products + f + (column * stride);
                OutputLine<TVector, TSimd>(at, Size * stride, out TVector o0, out TVector o1, out TVector o2, out TVector o3);
                float* to = half + (column * MaxVector);
                TSimd.Store(o0, to);
                TSimd.Store(o1, to + (Size * MaxVector));
                TSimd.Store(o2, to + (2 * Size * MaxVector));
                TSimd.Store(o3, to + (3 * Size * MaxVector));
            }

            TVector start = TSimd.Load(bias + f);
            for (int row = 0; row < Outputs; row++)
            {
                OutputLine<TVector, TSimd>(half + (row * Size * MaxVector), MaxVector, out TVector o0, out TVector o1, out TVector o2, out TVector o3);
                float** to = pixels + (row * Outputs);
                StoreOutput<TVector, TSimd>(TSimd.AtLeast(least, TSimd.Add(o0, start)), to[0], f);
                StoreOutput<TVector, TSimd>(TSimd.AtLeast(least, TSimd.Add(o1, start)), to[1], f);
                StoreOutput<TVector, TSimd>(TSimd.AtLeast(least, TSimd.Add(o2, start)), to[2], f);
                StoreOutput<TVector, TSimd>(TSimd.AtLeast(least, TSimd.Add(o3, start)), to[3], f);
            }
        }
    }

    /// <summary>G g Gᵀ: a 3 × 3 kernel as 6 × 6 elements.</summary>
    /// <param name="taps">Tap k's outputs begin at k · <paramref name="width"/>, row by row.</param>
    /// <param name="width">Floats from a tap to the next.</param>
    /// <param name="result">Element t's outputs begin at t · <paramref name="stride"/>.</param>
    /// <param name="stride">Floats from an element of the tile to the next.</param>
    /// <param name="outputs">How many, a multiple of the vector's length.</param>
    [SkipLocalsInit]
    public static void Weights<TVector, TSimd>(float* taps, nint width, float* result, nint stride, int outputs)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        float* room = stackalloc float[(Size * Kernel * MaxVector) + MaxVector];
        float* half = Aligned(room);
        for (nint f = 0; f < outputs; f += TSimd.Length)
        {
            for (int column = 0; column < Kernel; column++)
            {
                float* at = taps + f + (column * width);
                KernelLine<TVector, TSimd>(at, Kernel * width, half + (column * MaxVector), Kernel * MaxVector);
            }

            for (int row = 0; row < Size; row++)
            {
                KernelLine<TVector, TSimd>(half + (row * Kernel * MaxVector), MaxVector, result + f + (row * Size * stride), stride);
            }
        }
    }

    /// <summary>The 4 × 4 output gradients of a tile as 6 × 6 elements of F(3 × 3, 4 × 4).</summary>
    /// <param name="pixels">Where each of the 16 pixels' filters begin, row by row.</param>
    /// <param name="result">Element t's filters begin at t · <paramref name="stride"/>.</param>
    /// <param name="stride">Floats from an element of the tile to the next.</param>
    /// <param name="filters">Filters, a multiple of the vector's length.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void OutputGradient<TVector, TSimd>(float** pixels, float* result, nint stride, int filters)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        float* room = stackalloc float[(Size * Outputs * MaxVector) + MaxVector];
        float* half = Aligned(room);
        for (nint f = 0; f < filters; f += TSimd.Length)
        {
            for (int column = 0; column < Outputs; column++)
            {
                float** at = pixels + column;
                GradientLine<TVector, TSimd>(
                    TSimd.Load(at[0] + f), TSimd.Load(at[Outputs] + f), TSimd.Load(at[2 * Outputs] + f), TSimd.Load(at[3 * Outputs] + f),
                    half + (column * MaxVector), Outputs * MaxVector);
            }

            for (int row = 0; row < Size; row++)
            {
                float* at = half + (row * Outputs * MaxVector);
                GradientLine<TVector, TSimd>(
                    TSimd.Load(at), TSimd.Load(at + MaxVector), TSimd.Load(at + (2 * MaxVector)), TSimd.Load(at + (3 * MaxVector)),
                    result + f + (row * Size * stride), stride);
            }
        }
    }

    /// <summary>The 3 × 3 weight gradient of 6 × 6 summed products.</summary>
    /// <param name="sums">Element t's filters begin at t · <paramref name="stride"/>.</param>
    /// <param name="stride">Floats from an element of the tile to the next.</param>
    /// <param name="taps">Tap k's filters begin at k · <paramref name="width"/>.</param>
    /// <param name="width">Floats from a tap to the next.</param>
    /// <param name="filters">Filters, a multiple of the vector's length.</param>
    [SkipLocalsInit]
    public static void WeightGradient<TVector, TSimd>(float* sums, nint stride, float* taps, nint width, int filters)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        float* room = stackalloc float[(Kernel * Size * MaxVector) + MaxVector];
        float* half = Aligned(room);
        for (nint f = 0; f < filters; f += TSimd.Length)
        {
            for (int column = 0; column < Size; column++)
            {
                TapLine<TVector, TSimd>(sums + f + (column * stride), Size * stride, half + (column * MaxVector), Size * MaxVector);
            }

            for (int row = 0; row < Kernel; row++)
            {
                TapLine<TVector, TSimd>(half + (row * Size * MaxVector), MaxVector, taps + f + (row * Kernel * width), width);
            }
        }
    }

    // The stack is aligned to 16 bytes; a vector across two lines of the cache costs twice.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Aligned(float* room) => (float*)(((nint)room + (MaxVector * sizeof(float)) - 1) & -(MaxVector * sizeof(float)));

    // Bᵀ: (4 0 −5 0 1 0), (0 −4 −4 1 1 0), (0 4 −4 −1 1 0), (0 −2 −1 2 1 0), (0 2 −1 −2 1 0), (0 4 0 −5 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputLine<TVector, TSimd>(TVector d0, TVector d1, TVector d2, TVector d3, TVector d4, TVector d5, float* to, nint stride)
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
    private static void OutputLine<TVector, TSimd>(float* at, nint stride, out TVector o0, out TVector o1, out TVector o2, out TVector o3)
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
    private static void KernelLine<TVector, TSimd>(float* at, nint from, float* to, nint stride)
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
    private static void GradientLine<TVector, TSimd>(TVector g0, TVector g1, TVector g2, TVector g3, float* to, nint stride)
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
    private static void TapLine<TVector, TSimd>(float* at, nint from, float* to, nint stride)
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreOutput<TVector, TSimd>(TVector value, float* pixel, nint offset)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        if (pixel != null)
        {
            TSimd.Store(value, pixel + offset);
        }
    }
}
