using System.Collections.Concurrent;
using Differential.Kernels.Devices;

namespace Differential.Kernels.Tests.Support;

/// <summary>A device that all tests of the process share, one at a time: one host thread uses a device at a time.</summary>
internal sealed class SharedDevice : IDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<SharedDevice>> Open = [];

    private readonly SemaphoreSlim _free = new(1, 1);
    private readonly Return _return;

    private SharedDevice(ComputeDevice device)
    {
        Device = device;
        _return = new Return(_free);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    private ComputeDevice Device { get; }

    /// <summary>Waits until no other test has the device.</summary>
    /// <exception cref="DeviceNotFoundException">There is none.</exception>
    public static DeviceLease Lease(string name)
    {
        DeviceInfo info = DeviceCatalog.Discover().Find(name);
        SharedDevice shared = Open.GetOrAdd(info.Id, _ => new Lazy<SharedDevice>(() => new SharedDevice(DeviceCatalog.Open(info)))).Value;
        shared._free.Wait();
        return new DeviceLease(shared.Device, shared._return);
    }

    public void Dispose()
    {
        Device.Dispose();
        _free.Dispose();
    }

    private sealed class Return(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
