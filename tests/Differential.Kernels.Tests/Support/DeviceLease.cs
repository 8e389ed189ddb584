using Differential.Kernels.Devices;

namespace Differential.Kernels.Tests.Support;

/// <summary>A device in the hands of one test; given back, or disposed, at its end.</summary>
public sealed class DeviceLease : IDisposable
{
    private readonly IDisposable _end;

    internal DeviceLease(ComputeDevice device, IDisposable? end = null)
    {
        Device = device;
        _end = end ?? device;
    }

    public ComputeDevice Device { get; }

    public void Dispose() => _end.Dispose();
}
