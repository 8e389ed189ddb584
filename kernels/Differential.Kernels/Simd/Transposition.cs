using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Differential.Kernels.Simd;

/// <summary>Matrices turned over their diagonal, in blocks of 4 × 4 where the processor interleaves vectors.</summary>
internal static unsafe class Transposition
{
    private const int Block = 4;

    // Rows and columns that are moved together: 16 floats are a cache line.
    private const int Line = 16;

    /// <summary>to[c · toStride + r] = from[r · fromStride + c] for all rows r and columns c.</summary>
    public static void Run(float* from, nint fromStride, float* to, nint toStride, int rows, int columns)
    {
        for (int row = 0; row < rows; row += Line)
        {
            for (int column = 0; column < columns; column += Line)
            {
                Lines(
                    from + (row * fromStride) + column, fromStride, to + (column * toStride) + row, toStride,
                    Math.Min(Line, rows - row), Math.Min(Line, columns - column));
            }
        }
    }

    private static void Lines(float* from, nint fromStride, float* to, nint toStride, int rows, int columns)
    {
        bool interleaves = Sse.IsSupported || AdvSimd.Arm64.IsSupported;
        int wholeRows = interleaves ? rows / Block * Block : 0;
        int wholeColumns = interleaves ? columns / Block * Block : 0;
        for (int column = 0; column < wholeColumns; column += Block)
        {
            for (int row = 0; row < wholeRows; row += Block)
            {
                Turn(from + (row * fromStride) + column, fromStride, to + (column * toStride) + row, toStride);
            }
        }

        Rest(from, fromStride, to, toStride, rows, wholeColumns, columns);
        Rest(from + (wholeRows * fromStride), fromStride, to + wholeRows, toStride, rows - wholeRows, 0, wholeColumns);
    }

    private static void Rest(float* from, nint fromStride, float* to, nint toStride, int rows, int firstColumn, int columns)
    {
        for (int column = firstColumn; column < columns; column++)
        {
            for (int row = 0; row < rows; row++)
            {
                to[(column * toStride) + row] = from[(row * fromStride) + column];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(float* from, nint fromStride, float* to, nint toStride)
    {
        var r0 = Vector128.Load(from);
        var r1 = Vector128.Load(from + fromStride);
        var r2 = Vector128.Load(from + (2 * fromStride));
        var r3 = Vector128.Load(from + (3 * fromStride));
        Vector128<float> even = Low(r0, r2), odd = Low(r1, r3);
        Vector128.Store(Low(even, odd), to);
        Vector128.Store(High(even, odd), to + toStride);
        (even, odd) = (High(r0, r2), High(r1, r3));
        Vector128.Store(Low(even, odd), to + (2 * toStride));
        Vector128.Store(High(even, odd), to + (3 * toStride));
    }

    /// <summary>The lower halves, element by element in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    /// <summary>The upper halves, element by element in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
}
