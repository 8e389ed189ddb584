using Differential.Kernels.Devices;

namespace Differential.Core.Tests;

/// <summary>Devices of tests; one that this machine or build lacks skips the test by its name.</summary>
internal static class Devices
{
    public static ComputeDevice Open(string name, DeviceOptions? options = null)
    {
        try
        {
            return DeviceCatalog.Open(DeviceCatalog.Discover().Find(name), (options ?? new DeviceOptions()) with { Threads = 1 });
        }
        catch (DeviceNotFoundException exception)
        {
            Skip.If(true, $"{name}: {exception.Message}");
            throw;
        }
    }
}
