using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// What attacks on a network take of its device's memory, counted by making their sessions on a twin of the device that only counts.
/// </summary>
internal static class AttackMemory
{
    /// <summary>The largest batch, of at most <paramref name="most"/> samples, with which the attacks fit beside the network.</summary>
    /// <param name="network">The network; it lies on its device already.</param>
    /// <param name="data">The samples.</param>
    /// <param name="options">The attacks.</param>
    /// <param name="most">Samples of a batch at most, at least 1.</param>
    /// <exception cref="MemoryShortageException">Not even one sample at a time fits.</exception>
    public static int Batch(Network network, Dataset data, AttackRunOptions options, int most)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return Batch(network.Device, network.Architecture, network.Normalization, data, options, most, isThere: true);
    }

    /// <summary>The same before the network is made.</summary>
    /// <exception cref="MemoryShortageException">Not even one sample at a time fits.</exception>
    public static int Batch(ComputeDevice device, NetworkArchitecture architecture, InputNormalization normalization, Dataset data, AttackRunOptions options, int most)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return Batch(device, architecture, normalization, data, options, most, isThere: false);
    }

    private static int Batch(
        ComputeDevice device, NetworkArchitecture architecture, InputNormalization normalization, Dataset data, AttackRunOptions options, int most, bool isThere)
    {
        long room = DeviceRoom.Free(device);
        if (room == long.MaxValue || Bytes(most) <= room)
        {
            return most;
        }

        return DeviceRoom.LargestBatch(1, most, batch => Bytes(batch) <= room) ?? throw new MemoryShortageException(new MemoryShortage
        {
            Work = "an attack on one sample at a time",
            Device = device.Info.Id,
            NeededBytes = Bytes(1),
            AvailableBytes = room,
        });

        long Bytes(int batch)
        {
            using ComputeDevice planner = device.CreatePlanner();
            try
            {
                using var network = new Network(planner, architecture, normalization);
                long before = isThere ? planner.HeldBytes : 0;
                using NetworkPlan plan = network.Plan(batch, PlanPurpose.Attack);
                AttackRunner.Allocate(plan, data, options);
                return planner.PeakBytes - before;
            }
            catch (ArchitectureException)
            {
                // Beyond what one tensor can hold.
                return long.MaxValue;
            }
        }
    }
}
