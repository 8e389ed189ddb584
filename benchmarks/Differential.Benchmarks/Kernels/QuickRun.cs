using System.Diagnostics;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Kernels;

/// <summary>The operations with a stopwatch: the fastest and the middle of some runs, for a look from day to day.</summary>
internal static class QuickRun
{
    private const int QueuedCalls = 20;
    private const int FewestTimes = 3;

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(1);

    /// <param name="options">The device.</param>
    /// <param name="part">Operations whose name contains it; null for all.</param>
    public static void Run(BenchmarkOptions options, string? part)
    {
        using ComputeDevice device = options.Open();
        int threads = options.Settings.Threads;
        (double gigaFlops, double gigaBytes) = device is SimdDevice ? (MachineLimit.GigaFlops(threads), MachineLimit.GigaBytes(threads)) : (double.NaN, double.NaN);
        Console.WriteLine(device is SimdDevice
            ? FormattableString.Invariant($"{device.Info.Name}, {threads} threads; limits {gigaFlops:F1} GFLOP/s (FMA in registers), {gigaBytes:F1} GB/s (copy)")
            : $"{device.Info.Id}: {device.Info.Name}, {options.Settings.Precision}");
        foreach ((string name, Func<ComputeDevice, KernelWork> create) in KernelWorks.All)
        {
            if (part is not null && !name.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            using KernelWork work = create(device);
            (double fastest, double median) = Measure(device, work.Run);
            Console.WriteLine(FormattableString.Invariant($"{name,-32}{fastest * 1e3,10:F3} ms fastest {median * 1e3,10:F3} ms median {work.Rate(fastest, gigaFlops, gigaBytes)}"));
        }
    }

    /// <inheritdoc cref="Measure(ComputeDevice, Action, TimeSpan)"/>
    public static (double Fastest, double Median) Measure(ComputeDevice device, Action run) => Measure(device, run, Budget);

    /// <summary>
    /// Seconds of a call: the fastest and the median of as many as fit in a time, 3 at least, 1 of a simulator. On a device with a queue each is the mean of so many calls that
    /// waiting for them does not count.
    /// </summary>
    public static (double Fastest, double Median) Measure(ComputeDevice device, Action run, TimeSpan budget)
    {
        run();
        run();
        device.Synchronize();
        bool isSimulator = device is IlgpuDevice { IsSimulator: true };
        int calls = device is SimdDevice || isSimulator ? 1 : QueuedCalls;
        int fewest = isSimulator ? 1 : FewestTimes;
        var times = new List<double>();
        long begin = Stopwatch.GetTimestamp();
        while (times.Count < fewest || (Stopwatch.GetElapsedTime(begin) < budget && times.Count < 2_000))
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < calls; i++)
            {
                run();
            }

            device.Synchronize();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / calls);
        }

        times.Sort();
        return (times[0], times[times.Count / 2]);
    }
}
