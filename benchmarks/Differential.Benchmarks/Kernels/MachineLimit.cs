using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Differential.Benchmarks.Kernels;

/// <summary>
/// What the machine can do at most: fused multiply-adds on values in registers, and copies of an array that no cache
/// holds, with as many threads as the operations have.
/// </summary>
internal static class MachineLimit
{
    /// <summary>Steps of the loop.</summary>
    public const int Iterations = 2_000_000;

    private const int CopiedFloats = 32 << 20;

    /// <summary>10⁹ floating-point operations a second; a fused multiply-add is two.</summary>
    public static double GigaFlops(int threads)
    {
        // Eight independent chains hide the latency of four cycles on two units.
        int lanes = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;
        double operations = 2.0 * Iterations * 8 * lanes * threads;
        return operations / Fastest(threads, static _ => Chains(Iterations)) / 1e9;
    }

    /// <summary>The loop of multiply-adds on each of so many threads.</summary>
    public static void Run(int threads, int iterations) => Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Chains(iterations));

    /// <summary>10⁹ bytes a second, read and written counted each.</summary>
    public static double GigaBytes(int threads)
    {
        var source = new float[CopiedFloats];
        var target = new float[CopiedFloats];
        int part = CopiedFloats / threads;
        double seconds = Fastest(threads, thread => source.AsSpan(thread * part, part).CopyTo(target.AsSpan(thread * part, part)));
        return 2.0 * sizeof(float) * part * threads / seconds / 1e9;
    }

    private static double Fastest(int threads, Action<int> work)
    {
        double best = double.PositiveInfinity;
        for (int i = 0; i < 8; i++)
        {
            long start = Stopwatch.GetTimestamp();
            if (threads == 1)
            {
                work(0);
            }
            else
            {
                Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static void Chains(int iterations)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Keep(Chains512(iterations).ToScalar());
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Keep(Chains256(iterations).ToScalar());
        }
        else
        {
            Keep(Chains128(iterations).ToScalar());
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep(float value) => GC.KeepAlive(value > 1e30f ? string.Empty : null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Chains512(int iterations)
    {
        Vector512<float> x = Vector512.Create(1.0000001f), y = Vector512.Create(1e-9f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x;
        for (int i = 0; i < iterations; i++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
        }

        return a + b + c + d + e + f + g + h;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector256<float> Chains256(int iterations)
    {
        Vector256<float> x = Vector256.Create(1.0000001f), y = Vector256.Create(1e-9f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x;
        for (int i = 0; i < iterations; i++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
        }

        return a + b + c + d + e + f + g + h;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<float> Chains128(int iterations)
    {
        Vector128<float> x = Vector128.Create(1.0000001f), y = Vector128.Create(1e-9f);
        Vector128<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x;
        for (int i = 0; i < iterations; i++)
        {
            a = Vector128.FusedMultiplyAdd(a, x, y);
            b = Vector128.FusedMultiplyAdd(b, x, y);
            c = Vector128.FusedMultiplyAdd(c, x, y);
            d = Vector128.FusedMultiplyAdd(d, x, y);
            e = Vector128.FusedMultiplyAdd(e, x, y);
            f = Vector128.FusedMultiplyAdd(f, x, y);
            g = Vector128.FusedMultiplyAdd(g, x, y);
            h = Vector128.FusedMultiplyAdd(h, x, y);
        }

        return a + b + c + d + e + f + g + h;
    }
}
