using System.Collections.Concurrent;
using ILGPU;

namespace Differential.Kernels.Gpu;

/// <summary>
/// <see cref="MatrixInstruction"/> done in software by the 32 threads of a warp of ILGPU's CPU accelerator: each shows its
/// fragments to the others and works out its own part of the result from theirs. The accelerator's threads live as long as
/// it does, each with the same lane of the same warp, so that a warp meets once.
/// </summary>
internal sealed class SimulatedWarp
{
    /// <summary>Words of A and of B that a thread holds.</summary>
    private const int LeftWords = 16;

    private const int RightWords = 8;

    private static readonly ConcurrentDictionary<int, SimulatedWarp> Meeting = new();

    private static int _lastNumber;

    [ThreadStatic]
    private static SimulatedWarp? _own;

    /// <summary>How many products the thread has done: they take turns with two sets, so that one wait is enough for each.</summary>
    [ThreadStatic]
    private static int _turn;

    private readonly int[][] _shown = [new int[32 * (LeftWords + RightWords)], new int[32 * (LeftWords + RightWords)]];

    /// <summary>A·B + C, by the whole warp at once.</summary>
    public static MatrixSums Multiply(MatrixRows a, MatrixColumns b, MatrixSums c, bool halves)
    {
        SimulatedWarp warp = _own ??= Meet();
        int[] shown = warp._shown[_turn++ & 1];
        int lane = Warp.LaneIdx;
        int[] own =
        [
            a.A0.X, a.A0.Y, a.A0.Z, a.A0.W, a.A1.X, a.A1.Y, a.A1.Z, a.A1.W, a.A2.X, a.A2.Y, a.A2.Z, a.A2.W, a.A3.X, a.A3.Y, a.A3.Z, a.A3.W,
            b.B0.X, b.B0.Y, b.B1.X, b.B1.Y, b.B2.X, b.B2.Y, b.B3.X, b.B3.Y,
        ];
        own.CopyTo(shown, lane * own.Length);
        Warp.Barrier();
        MatrixSums result;
        result.Row0 = Row(shown, lane, 0, c.Row0, halves);
        result.Row1 = Row(shown, lane, 1, c.Row1, halves);
        result.Row2 = Row(shown, lane, 2, c.Row2, halves);
        result.Row3 = Row(shown, lane, 3, c.Row3, halves);
        return result;
    }

    private static SimulatedWarp Meet()
    {
        int number = 0;
        if (Warp.LaneIdx == 0)
        {
            number = Interlocked.Increment(ref _lastNumber);
            Meeting[number] = new SimulatedWarp();
        }

        number = Warp.Shuffle(number, 0);
        SimulatedWarp warp = Meeting[number];
        Warp.Barrier();
        Meeting.TryRemove(number, out _);
        return warp;
    }

    private static MatrixRow Row(int[] shown, int lane, int row, MatrixRow c, bool halves)
    {
        MatrixRow result;
        result.C0 = Product(shown, lane, row, 0, c.C0, halves);
        result.C1 = Product(shown, lane, row, 1, c.C1, halves);
        result.C2 = Product(shown, lane, row, 2, c.C2, halves);
        result.C3 = Product(shown, lane, row, 3, c.C3, halves);
        return result;
    }

    /// <summary>A thread's part of one instruction's result.</summary>
    private static Float4 Product(int[] shown, int lane, int left, int right, Float4 c, bool halves)
    {
        int row = lane / 4;
        int column = lane % 4 * 2;
        return new Float4(Sum(row, column, c.X), Sum(row, column + 1, c.Y), Sum(row + 8, column, c.Z), Sum(row + 8, column + 1, c.W));

        // Exact products, added up in double precision and rounded once.
        float Sum(int m, int n, float start)
        {
            double sum = start;
            for (int k = 0; k < 8; k++)
            {
                int a = shown[(((m % 8 * 4) + (k % 4)) * (LeftWords + RightWords)) + (left * 4) + (m / 8) + (k / 4 * 2)];
                int b = shown[(((n * 4) + (k % 4)) * (LeftWords + RightWords)) + LeftWords + (right * 2) + (k / 4)];
                sum += halves ? (Half(a) * Half(b)) + (Half(a >> 16) * Half(b >> 16)) : Tf32(a) * Tf32(b);
            }

            return (float)sum;
        }
    }

    private static double Half(int bits) => (double)BitConverter.UInt16BitsToHalf((ushort)bits);

    /// <summary>The instruction reads 19 bits of a word alone.</summary>
    private static double Tf32(int bits) => BitConverter.Int32BitsToSingle(bits & ~0x1FFF);
}
