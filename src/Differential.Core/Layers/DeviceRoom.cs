using Differential.Kernels.Devices;

namespace Differential.Core.Layers;

/// <summary>
/// Refuses allocations that cannot fit before any of the memory is touched: an operating system that overcommits
/// would hand it out and end the process later.
/// </summary>
internal static class DeviceRoom
{
    /// <exception cref="DeviceMemoryException">The device's memory is known and too small.</exception>
    public static void Check(ComputeDevice device, long elements, string what)
    {
        long bytes = checked(elements * sizeof(float));
        long free = device.Info.MemoryBytes - device.AllocatedBytes;
        if (device.Info.MemoryBytes > 0 && bytes > free)
        {
            throw new DeviceMemoryException($"{what} need {bytes:N0} bytes; {device.Info.Id} has {Math.Max(free, 0):N0} left of {device.Info.MemoryBytes:N0}");
        }
    }
}
