using System.Runtime.CompilerServices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The transforms of Winograd's minimal filtering with 4 × 4 outputs (Lavin and Gray 2016, <em>Fast Algorithms for Convolutional Neural Networks</em>).
/// F(4 × 4, 3 × 3) makes them of a 6 × 6 input and a 3 × 3 kernel with 36 products in place of 144, F(4 × 4, 2 × 2) of a 5 × 5 input and a 2 × 2 kernel
/// with 25 in place of 64; F(3 × 3, 4 × 4) and F(2 × 2, 4 × 4) make the weight gradients of such inputs and of 4 × 4 output gradients with as many.
/// All run over vectors of channels.
/// </summary>
internal static unsafe class WinogradTiles
{
    /// <summary>Rows and columns of outputs that a tile makes.</summary>
    public const int Outputs = 4;

    /// <summary>Most elements of a tile.</summary>
    public const int MaxArea = 36;

    /// <summary>Most taps of a kernel.</summary>
    public const int MaxTaps = 9;

    private const int MaxVector = 16;
    private const int MaxSize = 6;
    private const int MaxKernel = 3;

    /// <summary>Bᵀ d B: a tile of inputs.</summary>
    /// <param name="pixels">Where each pixel's channels begin, row by row.</param>
    /// <param name="result">Element t's channels begin at t · <paramref name="stride"/>.</param>
    /// <param name="stride">Floats from an element of the tile to the next.</param>
    /// <param name="channels">Channels, a multiple of the vector's length.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Input<TVector, TSimd, TLines>(float** pixels, float* result, nint stride, int channels)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TLines : struct, IWinogradLines
    {
        float* room = stackalloc float[(MaxArea * MaxVector) + MaxVector];
        float* half = Aligned(room);
        for (nint c = 0; c < channels; c += TSimd.Length)
        {
            for (int column = 0; column < TLines.Size; column++)
            {
                float** at = pixels + column;
                TLines.InputLine<TVector, TSimd>(
                    TSimd.Load(at[0] + c), TSimd.Load(at[TLines.Size] + c), TSimd.Load(at[2 * TLines.Size] + c),
                    TSimd.Load(at[3 * TLines.Size] + c), TSimd.Load(at[4 * TLines.Size] + c), TLines.Size > 5 ? TSimd.Load(at[5 * TLines.Size] + c) : default,
                    half + (column * MaxVector), TLines.Size * MaxVector);
            }

            for (int row = 0; row < TLines.Size; row++)
            {
                float* at = half + (row * TLines.Size * MaxVector);
                TLines.InputLine<TVector, TSimd>(
                    TSimd.Load(at), TSimd.Load(at + MaxVector), TSimd.Load(at + (2 * MaxVector)),
                    TSimd.Load(at + (3 * MaxVector)), TSimd.Load(at + (4 * MaxVector)), TLines.Size > 5 ? TSimd.Load(at + (5 * MaxVector)) : default,
                    result + c + (row * TLines.Size * stride), stride);
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
    public static void Output<TVector, TSimd, TLines>(float* products, nint stride, float* bias, float floor, float** pixels, int filters)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TLines : struct, IWinogradLines
    {
        float* room = stackalloc float[(Outputs * MaxSize * MaxVector) + MaxVector];
        float* half = Aligned(room);
        TVector least = TSimd.Broadcast(floor);
        for (nint f = 0; f < filters; f += TSimd.Length)
        {
            for (int column = 0; column < TLines.Size; column++)
            {
                float* at = products + f + (column * stride);
                TLines.OutputLine<TVector, TSimd>(at, TLines.Size * stride, out TVector o0, out TVector o1, out TVector o2, out TVector o3);
                float* to = half + (column * MaxVector);
                TSimd.Store(o0, to);
                TSimd.Store(o1, to + (TLines.Size * MaxVector));
                TSimd.Store(o2, to + (2 * TLines.Size * MaxVector));
                TSimd.Store(o3, to + (3 * TLines.Size * MaxVector));
            }

            TVector start = TSimd.Load(bias + f);
            for (int row = 0; row < Outputs; row++)
            {
                TLines.OutputLine<TVector, TSimd>(half + (row * TLines.Size * MaxVector), MaxVector, out TVector o0, out TVector o1, out TVector o2, out TVector o3);
                float** to = pixels + (row * Outputs);
                StoreOutput<TVector, TSimd>(TSimd.AtLeast(least, TSimd.Add(o0, start)), to[0], f);
                StoreOutput<TVector, TSimd>(TSimd.AtLeast(least, TSimd.Add(o1, start)), to[1], f);
                StoreOutput<TVector, TSimd>(TSimd.AtLeast(least, TSimd.Add(o2, start)), to[2], f);
                StoreOutput<TVector, TSimd>(TSimd.AtLeast(least, TSimd.Add(o3, start)), to[3], f);
            }
        }
    }

    /// <summary>G g Gᵀ: a kernel as elements of a tile.</summary>
    /// <param name="taps">Tap k's outputs begin at k · <paramref name="width"/>, row by row.</param>
    /// <param name="width">Floats from a tap to the next.</param>
    /// <param name="result">Element t's outputs begin at t · <paramref name="stride"/>.</param>
    /// <param name="stride">Floats from an element of the tile to the next.</param>
    /// <param name="outputs">How many, a multiple of the vector's length.</param>
    [SkipLocalsInit]
    public static void Weights<TVector, TSimd, TLines>(float* taps, nint width, float* result, nint stride, int outputs)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TLines : struct, IWinogradLines
    {
        float* room = stackalloc float[(MaxSize * MaxKernel * MaxVector) + MaxVector];
        float* half = Aligned(room);
        for (nint f = 0; f < outputs; f += TSimd.Length)
        {
            for (int column = 0; column < TLines.Kernel; column++)
            {
                float* at = taps + f + (column * width);
                TLines.KernelLine<TVector, TSimd>(at, TLines.Kernel * width, half + (column * MaxVector), TLines.Kernel * MaxVector);
            }

            for (int row = 0; row < TLines.Size; row++)
            {
                TLines.KernelLine<TVector, TSimd>(half + (row * TLines.Kernel * MaxVector), MaxVector, result + f + (row * TLines.Size * stride), stride);
            }
        }
    }

    /// <summary>The 4 × 4 output gradients of a tile as its elements.</summary>
    /// <param name="pixels">Where each of the 16 pixels' filters begin, row by row.</param>
    /// <param name="result">Element t's filters begin at t · <paramref name="stride"/>.</param>
    /// <param name="stride">Floats from an element of the tile to the next.</param>
    /// <param name="filters">Filters, a multiple of the vector's length.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void OutputGradient<TVector, TSimd, TLines>(float** pixels, float* result, nint stride, int filters)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TLines : struct, IWinogradLines
    {
        float* room = stackalloc float[(MaxSize * Outputs * MaxVector) + MaxVector];
        float* half = Aligned(room);
        for (nint f = 0; f < filters; f += TSimd.Length)
        {
            for (int column = 0; column < Outputs; column++)
            {
                float** at = pixels + column;
                TLines.GradientLine<TVector, TSimd>(
                    TSimd.Load(at[0] + f), TSimd.Load(at[Outputs] + f), TSimd.Load(at[2 * Outputs] + f), TSimd.Load(at[3 * Outputs] + f),
                    half + (column * MaxVector), Outputs * MaxVector);
            }

            for (int row = 0; row < TLines.Size; row++)
            {
                float* at = half + (row * Outputs * MaxVector);
                TLines.GradientLine<TVector, TSimd>(
                    TSimd.Load(at), TSimd.Load(at + MaxVector), TSimd.Load(at + (2 * MaxVector)), TSimd.Load(at + (3 * MaxVector)),
                    result + f + (row * TLines.Size * stride), stride);
            }
        }
    }

    /// <summary>The weight gradient of summed products.</summary>
    /// <param name="sums">Element t's filters begin at t · <paramref name="stride"/>.</param>
    /// <param name="stride">Floats from an element of the tile to the next.</param>
    /// <param name="taps">Tap k's filters begin at k · <paramref name="width"/>.</param>
    /// <param name="width">Floats from a tap to the next.</param>
    /// <param name="filters">Filters, a multiple of the vector's length.</param>
    [SkipLocalsInit]
    public static void WeightGradient<TVector, TSimd, TLines>(float* sums, nint stride, float* taps, nint width, int filters)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TLines : struct, IWinogradLines
    {
        float* room = stackalloc float[(MaxKernel * MaxSize * MaxVector) + MaxVector];
        float* half = Aligned(room);
        for (nint f = 0; f < filters; f += TSimd.Length)
        {
            for (int column = 0; column < TLines.Size; column++)
            {
                TLines.TapLine<TVector, TSimd>(sums + f + (column * stride), TLines.Size * stride, half + (column * MaxVector), TLines.Size * MaxVector);
            }

            for (int row = 0; row < TLines.Kernel; row++)
            {
                TLines.TapLine<TVector, TSimd>(half + (row * TLines.Size * MaxVector), MaxVector, taps + f + (row * TLines.Kernel * width), width);
            }
        }
    }

    // The stack is aligned to 16 bytes; a vector across two lines of the cache costs twice.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Aligned(float* room) => (float*)(((nint)room + (MaxVector * sizeof(float)) - 1) & -(MaxVector * sizeof(float)));

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
