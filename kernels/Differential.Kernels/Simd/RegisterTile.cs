using System.Runtime.CompilerServices;

namespace Differential.Kernels.Simd;

/// <summary>
/// The one multiply kernel: a tile of up to 14 rows by one or two vectors whose sums stay in registers over the whole
/// reduction. Written out once for all row counts; the JIT drops the rows a tile does not have.
/// </summary>
internal static unsafe class RegisterTile
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TVector, TSimd, TRows, TVectors>(TileOperands* operands)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        nint stride = operands->RowStride;
        TVector a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13;
        TVector b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = a10 = a11 = a12 = a13 = default;
        b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = b8 = b9 = b10 = b11 = b12 = b13 = default;
        float* start = operands->Start;
        nint startStride = operands->StartStride;
        Load<TVector, TSimd, TRows, TVectors>(0, start, startStride, ref a0, ref b0);
        Load<TVector, TSimd, TRows, TVectors>(1, start, startStride, ref a1, ref b1);
        Load<TVector, TSimd, TRows, TVectors>(2, start, startStride, ref a2, ref b2);
        Load<TVector, TSimd, TRows, TVectors>(3, start, startStride, ref a3, ref b3);
        Load<TVector, TSimd, TRows, TVectors>(4, start, startStride, ref a4, ref b4);
        Load<TVector, TSimd, TRows, TVectors>(5, start, startStride, ref a5, ref b5);
        Load<TVector, TSimd, TRows, TVectors>(6, start, startStride, ref a6, ref b6);
        Load<TVector, TSimd, TRows, TVectors>(7, start, startStride, ref a7, ref b7);
        Load<TVector, TSimd, TRows, TVectors>(8, start, startStride, ref a8, ref b8);
        Load<TVector, TSimd, TRows, TVectors>(9, start, startStride, ref a9, ref b9);
        Load<TVector, TSimd, TRows, TVectors>(10, start, startStride, ref a10, ref b10);
        Load<TVector, TSimd, TRows, TVectors>(11, start, startStride, ref a11, ref b11);
        Load<TVector, TSimd, TRows, TVectors>(12, start, startStride, ref a12, ref b12);
        Load<TVector, TSimd, TRows, TVectors>(13, start, startStride, ref a13, ref b13);

        float* left = operands->Left;
        float* right = operands->Right;
        for (nint plane = operands->MorePlanes; plane >= 0; plane--)
        {
            for (nint segment = operands->Segments; segment > 0; segment--)
            {
                float* scalar = left;
                float* vector = right;
                for (nint step = operands->Steps; step > 0; step--)
                {
                    TVector first = TSimd.Load(vector);
                    TVector second = TVectors.Value > 1 ? TSimd.Load(vector + TSimd.Length) : default;
                    Step<TVector, TSimd, TRows, TVectors>(0, scalar, stride, first, second, ref a0, ref b0);
                    Step<TVector, TSimd, TRows, TVectors>(1, scalar, stride, first, second, ref a1, ref b1);
                    Step<TVector, TSimd, TRows, TVectors>(2, scalar, stride, first, second, ref a2, ref b2);
                    Step<TVector, TSimd, TRows, TVectors>(3, scalar, stride, first, second, ref a3, ref b3);
                    Step<TVector, TSimd, TRows, TVectors>(4, scalar, stride, first, second, ref a4, ref b4);
                    Step<TVector, TSimd, TRows, TVectors>(5, scalar, stride, first, second, ref a5, ref b5);
                    Step<TVector, TSimd, TRows, TVectors>(6, scalar, stride, first, second, ref a6, ref b6);
                    Step<TVector, TSimd, TRows, TVectors>(7, scalar, stride, first, second, ref a7, ref b7);
                    Step<TVector, TSimd, TRows, TVectors>(8, scalar, stride, first, second, ref a8, ref b8);
                    Step<TVector, TSimd, TRows, TVectors>(9, scalar, stride, first, second, ref a9, ref b9);
                    Step<TVector, TSimd, TRows, TVectors>(10, scalar, stride, first, second, ref a10, ref b10);
                    Step<TVector, TSimd, TRows, TVectors>(11, scalar, stride, first, second, ref a11, ref b11);
                    Step<TVector, TSimd, TRows, TVectors>(12, scalar, stride, first, second, ref a12, ref b12);
                    Step<TVector, TSimd, TRows, TVectors>(13, scalar, stride, first, second, ref a13, ref b13);
                    scalar += operands->StepStride;
                    vector += operands->RightStride;
                }

                left += operands->SegmentStride;
                right += operands->RightSegmentStride;
            }

            left += operands->PlaneStride - (operands->Segments * operands->SegmentStride);
            right += operands->RightPlaneStride - (operands->Segments * operands->RightSegmentStride);
        }

        TVector floor = TSimd.Broadcast(operands->Floor);
        float* output = operands->Output;
        nint outputStride = operands->OutputStride;
        Store<TVector, TSimd, TRows, TVectors>(0, output, outputStride, floor, a0, b0);
        Store<TVector, TSimd, TRows, TVectors>(1, output, outputStride, floor, a1, b1);
        Store<TVector, TSimd, TRows, TVectors>(2, output, outputStride, floor, a2, b2);
        Store<TVector, TSimd, TRows, TVectors>(3, output, outputStride, floor, a3, b3);
        Store<TVector, TSimd, TRows, TVectors>(4, output, outputStride, floor, a4, b4);
        Store<TVector, TSimd, TRows, TVectors>(5, output, outputStride, floor, a5, b5);
        Store<TVector, TSimd, TRows, TVectors>(6, output, outputStride, floor, a6, b6);
        Store<TVector, TSimd, TRows, TVectors>(7, output, outputStride, floor, a7, b7);
        Store<TVector, TSimd, TRows, TVectors>(8, output, outputStride, floor, a8, b8);
        Store<TVector, TSimd, TRows, TVectors>(9, output, outputStride, floor, a9, b9);
        Store<TVector, TSimd, TRows, TVectors>(10, output, outputStride, floor, a10, b10);
        Store<TVector, TSimd, TRows, TVectors>(11, output, outputStride, floor, a11, b11);
        Store<TVector, TSimd, TRows, TVectors>(12, output, outputStride, floor, a12, b12);
        Store<TVector, TSimd, TRows, TVectors>(13, output, outputStride, floor, a13, b13);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<TVector, TSimd, TRows, TVectors>(int row, float* start, nint stride, ref TVector first, ref TVector second)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        if (row < TRows.Value)
        {
            first = TSimd.Load(start + (row * stride));
            if (TVectors.Value > 1)
            {
                second = TSimd.Load(start + (row * stride) + TSimd.Length);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TVector, TSimd, TRows, TVectors>(int row, float* scalar, nint stride, TVector first, TVector second, ref TVector a, ref TVector b)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        if (row < TRows.Value)
        {
            TVector value = TSimd.Broadcast(scalar[row * stride]);
            a = TSimd.MultiplyAdd(value, first, a);
            if (TVectors.Value > 1)
            {
                b = TSimd.MultiplyAdd(value, second, b);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TVector, TSimd, TRows, TVectors>(int row, float* output, nint stride, TVector floor, TVector first, TVector second)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        if (row < TRows.Value)
        {
            TSimd.Store(TSimd.AtLeast(floor, first), output + (row * stride));
            if (TVectors.Value > 1)
            {
                TSimd.Store(TSimd.AtLeast(floor, second), output + (row * stride) + TSimd.Length);
            }
        }
    }
}
