using BenchmarkDotNet.Attributes;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Kernels;

/// <summary>The operations under BenchmarkDotNet: <c>dotnet run -c Release -- --filter '*'</c>.</summary>
[Config(typeof(KernelConfig))]
public class KernelBenchmarks : IDisposable
{
    private SimdDevice? _device;
    private KernelWork? _work;

    /// <summary>Name of the operation.</summary>
    [ParamsSource(nameof(Names))]
    public string Work { get; set; } = string.Empty;

    /// <summary>Threads of the device.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    public static IEnumerable<string> Names => KernelWorks.All.Keys;

    [GlobalSetup]
    public void Setup()
    {
        _device = new SimdDevice(Threads);
        _work = KernelWorks.All[Work](_device);
    }

    [Benchmark]
    public void Run() => _work!.Run();

    [GlobalCleanup]
    public void Dispose()
    {
        _work?.Dispose();
        _device?.Dispose();
        GC.SuppressFinalize(this);
    }
}
