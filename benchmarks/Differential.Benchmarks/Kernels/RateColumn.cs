using System.Collections.Concurrent;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Kernels;

/// <summary>GFLOP/s or GB/s of the median, beside what the machine does at most with as many threads.</summary>
internal sealed class RateColumn : IColumn
{
    private static readonly ConcurrentDictionary<int, (double GigaFlops, double GigaBytes)> Limits = new();

    public string Id => nameof(RateColumn);

    public string ColumnName => "Rate";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => false;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "Rate of the median, and the measured limit of the machine";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        if (summary[benchmarkCase]?.ResultStatistics is not { } statistics)
        {
            return "-";
        }

        int threads = (int)benchmarkCase.Parameters[nameof(KernelBenchmarks.Threads)];
        (double gigaFlops, double gigaBytes) = Limits.GetOrAdd(threads, static count => (MachineLimit.GigaFlops(count), MachineLimit.GigaBytes(count)));
        using var device = new SimdDevice(1);
        using KernelWork work = KernelWorks.All[(string)benchmarkCase.Parameters[nameof(KernelBenchmarks.Work)]](device);
        return work.Rate(statistics.Median / 1e9, gigaFlops, gigaBytes).Trim();
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => true;
}
