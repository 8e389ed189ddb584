using System.Diagnostics;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Kernels;

/// <summary>The operations with a stopwatch: the fastest and the middle of some runs, for a look from day to day.</summary>
internal static class QuickRun
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(1);

    /// <param name="threads">Threads of the device.</param>
    /// <param name="part">Operations whose name contains it; null for all.</param>
    public static void Run(int threads, string? part)
    {
        using var device = new SimdDevice(threads);
        double gigaFlops = MachineLimit.GigaFlops(threads);
        double gigaBytes = MachineLimit.GigaBytes(threads);
        Console.WriteLine(FormattableString.Invariant($"{device.Info.Name}, {threads} threads; limits {gigaFlops:F1} GFLOP/s (FMA in registers), {gigaBytes:F1} GB/s (copy)"));
        foreach ((string name, Func<ComputeDevice, KernelWork> create) in KernelWorks.All)
        {
            if (part is not null && !name.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            using KernelWork work = create(device);
            (double fastest, double median) = Measure(work.Run);
            Console.WriteLine(FormattableString.Invariant($"{name,-32}{fastest * 1e3,10:F3} ms fastest {median * 1e3,10:F3} ms median {work.Rate(fastest, gigaFlops, gigaBytes)}"));
        }
    }

    /// <summary>Seconds of a call: the fastest and the median of as many as fit in a second, 3 at least.</summary>
    public static (double Fastest, double Median) Measure(Action run)
    {
        run();
        run();
        var times = new List<double>();
        long begin = Stopwatch.GetTimestamp();
        while (times.Count < 3 || (Stopwatch.GetElapsedTime(begin) < Budget && times.Count < 200))
        {
            long start = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        times.Sort();
        return (times[0], times[times.Count / 2]);
    }
}
