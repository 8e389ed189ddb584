using Differential.Benchmarks.Kernels;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>Two million steps of the loop of multiply-adds in registers, shared evenly by the device's threads: what more threads can gain at most.</summary>
internal sealed class MultiplyAdds(ComputeDevice device) : IPeerWork
{
    private readonly int _threads = device is SimdDevice simd ? simd.Threads : 1;

    public void Run() => MachineLimit.Run(_threads, MachineLimit.Iterations / _threads);

    public void Dispose()
    {
    }
}
