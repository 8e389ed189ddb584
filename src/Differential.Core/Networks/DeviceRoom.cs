using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>
/// Refuses allocations that cannot fit before any of the memory is touched: an operating system that overcommits
/// would hand it out and end the process later.
/// </summary>
internal static class DeviceRoom
{
    /// <summary>Bytes that can still be allocated; <see cref="long.MaxValue"/> where nobody can tell.</summary>
    public static long Free(ComputeDevice device)
    {
        long capacity = device.CapacityBytes;
        return capacity == long.MaxValue ? long.MaxValue : Math.Max(capacity - device.HeldBytes, 0);
    }

    /// <summary>The largest batch that fits, of those below one that does not; null where not even the smallest does.</summary>
    /// <param name="smallest">The smallest batch there is.</param>
    /// <param name="tooLarge">A batch that does not fit.</param>
    /// <param name="fits">Whether a batch does; where one does, smaller ones do.</param>
    public static int? LargestBatch(int smallest, int tooLarge, Func<int, bool> fits)
    {
        int below = smallest - 1;
        while (tooLarge - below > 1)
        {
            int batch = below + ((tooLarge - below) / 2);
            (below, tooLarge) = fits(batch) ? (batch, tooLarge) : (below, batch);
        }

        return below < smallest ? null : below;
    }

    /// <exception cref="DeviceMemoryException">The device's memory is known and too small.</exception>
    public static void Check(ComputeDevice device, long elements, string what)
    {
        if (device.IsPlanner)
        {
            return;
        }

        long bytes = checked(elements * sizeof(float));
        long held = device.HeldBytes;
        long free = Free(device);
        if (bytes > free)
        {
            throw new DeviceMemoryException($"{what} need {bytes:N0} bytes; {device.Info.Id} has {free:N0} left of {free + held:N0}") { HeldBytes = held };
        }
    }
}
