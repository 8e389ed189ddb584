using Differential.Benchmarks.Kernels;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>
/// Forty million steps of the loop of multiply-adds in registers, shared evenly by as many threads as the device has: what more of them can gain at most. Long enough that
/// starting the threads does not count.
/// </summary>
internal sealed class MultiplyAdds(ComputeDevice device) : IPeerWork
{
    private const int Calls = 20;

    private readonly int _threads = device is SimdDevice simd ? simd.Threads : 1;

    public void Run() => MachineLimit.Run(_threads, Calls * MachineLimit.Iterations / _threads);

    public void Dispose()
    {
    }
}
