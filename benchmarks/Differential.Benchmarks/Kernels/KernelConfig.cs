using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Differential.Benchmarks.Kernels;

/// <summary>Short jobs in this process, and a column with the rate beside the machine's limit.</summary>
internal sealed class KernelConfig : ManualConfig
{
    public KernelConfig()
    {
        // In this process: the generated project of the other toolchain would not take its versions from the central list.
        AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
        AddColumn(new RateColumn());
    }
}
