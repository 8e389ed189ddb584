using Differential.Kernels.Devices;

namespace Differential.Core.Tests;

/// <summary>Devices of tests; a GPU that this machine lacks skips the test by its name. The SIMD device and ILGPU's simulator are always there.</summary>
internal static class Devices
{
    public static ComputeDevice Open(string name, DeviceOptions? options = null)
    {
        try
        {
            return DeviceCatalog.Open(DeviceCatalog.Discover().Find(name), (options ?? new DeviceOptions()) with { Threads = 1 });
        }
        catch (DeviceNotFoundException exception) when (name != "ilgpu-cpu")
        {
            Skip.If(true, $"{name}: {exception.Message}");
            throw;
        }
    }
}
