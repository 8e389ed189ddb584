using System.Runtime.CompilerServices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Pooling;

/// <summary>One pooling window over one vector of channels. Strides count floats.</summary>
internal static unsafe class PoolWindow
{
    /// <summary>The largest value of a window; NaN wins, as in PyTorch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Largest<TVector, TSimd>(float* x, int size, nint rowStride, nint columnStride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector largest = TSimd.Load(x);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                TVector value = TSimd.Load(x + (i * rowStride) + (j * columnStride));
                largest = TSimd.Select(TSimd.GreaterOrNaN(value, largest), value, largest);
            }
        }

        return largest;
    }

    /// <summary>The sum of a window, in row order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sum<TVector, TSimd>(float* x, int size, nint rowStride, nint columnStride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector sum = TSimd.Broadcast(0);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                sum = TSimd.Add(sum, TSimd.Load(x + (i * rowStride) + (j * columnStride)));
            }
        }

        return sum;
    }

    /// <summary>The place i·size + j of the first largest value, for each channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Place<TVector, TSimd>(float* x, int size, nint rowStride, nint columnStride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector largest = TSimd.Load(x);
        TVector place = TSimd.Broadcast(0);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                TVector value = TSimd.Load(x + (i * rowStride) + (j * columnStride));
                TVector greater = TSimd.GreaterOrNaN(value, largest);
                largest = TSimd.Select(greater, value, largest);
                place = TSimd.Select(greater, TSimd.Broadcast((i * size) + j), place);
            }
        }

        return place;
    }

    /// <summary>Gives each input of a window its part of the gradient: all of it at <paramref name="place"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScatterLargest<TVector, TSimd>(float* dx, TVector gradient, TVector place, bool add, int size, nint rowStride, nint columnStride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector zero = TSimd.Broadcast(0);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                TVector here = TSimd.Equal(place, TSimd.Broadcast((i * size) + j));
                Put<TVector, TSimd>(dx + (i * rowStride) + (j * columnStride), TSimd.Select(here, gradient, zero), add);
            }
        }
    }

    /// <summary>Gives each input of a window the same gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scatter<TVector, TSimd>(float* dx, TVector gradient, bool add, int size, nint rowStride, nint columnStride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                Put<TVector, TSimd>(dx + (i * rowStride) + (j * columnStride), gradient, add);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TVector, TSimd>(float* dx, TVector value, bool add)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> =>
        TSimd.Store(add ? TSimd.Add(TSimd.Load(dx), value) : value, dx);
}
