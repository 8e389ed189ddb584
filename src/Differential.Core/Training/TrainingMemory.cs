using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>
/// What a training takes of its device's memory: the very objects are made once on a twin of the device that only counts, so that the
/// plan is what the training allocates. What follows on a training (scores, features) makes do with what that took.
/// </summary>
internal sealed class TrainingMemory
{
    private const int SmallestBatch = 2;

    private readonly ComputeDevice _device;
    private readonly NetworkArchitecture _architecture;
    private readonly InputNormalization _normalization;
    private readonly DataSplits _splits;
    private readonly TrainingOptions _options;
    private readonly long _others;

    /// <summary>Of a training whose network is still to be made.</summary>
    /// <param name="device">Where.</param>
    /// <param name="architecture">The network's layers.</param>
    /// <param name="normalization">Of its inputs.</param>
    /// <param name="splits">Training and test samples.</param>
    /// <param name="options">How to train.</param>
    public TrainingMemory(ComputeDevice device, NetworkArchitecture architecture, InputNormalization normalization, DataSplits splits, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(device);
        (_device, _architecture, _normalization, _splits, _options) = (device, architecture, normalization, splits, options);
        _others = device.HeldBytes;
    }

    internal TrainingMemory(Network network, DataSplits splits, TrainingOptions options)
        : this(network.Device, network.Architecture, network.Normalization, splits, options)
    {
        using ComputeDevice planner = _device.CreatePlanner();
        using var twin = new Network(planner, _architecture, _normalization);
        _others -= planner.HeldBytes;
    }

    /// <summary>What is missing; null where the training fits.</summary>
    public MemoryShortage? Shortage()
    {
        long room = Room();
        return room == long.MaxValue || Least(_options) <= room ? null : Shortage(room);
    }

    /// <summary>The samples on the device as far as they fit.</summary>
    /// <exception cref="MemoryShortageException">The training does not fit even without them.</exception>
    internal DataPlacement Place()
    {
        long room = Room();
        if (room == long.MaxValue)
        {
            return DataPlacement.All[0];
        }

        foreach (DataPlacement placement in DataPlacement.All)
        {
            if (Bytes(placement, _options) <= room)
            {
                return placement;
            }
        }

        throw new MemoryShortageException(Shortage(room));
    }

    /// <summary>The shortage that an allocation met.</summary>
    internal MemoryShortageException Explain(DataPlacement placement, DeviceMemoryException exception)
    {
        // What was held then could be had; what the failed allocation would have brought could not.
        long room = Math.Max(exception.HeldBytes - _others, 0);
        MemoryShortage shortage = Shortage(room);
        return new MemoryShortageException(shortage with { NeededBytes = Math.Max(shortage.NeededBytes, Bytes(placement, _options)) }, exception);
    }

    /// <summary>Bytes that the training takes at its peak.</summary>
    internal long Bytes(DataPlacement placement, TrainingOptions options)
    {
        using ComputeDevice planner = _device.CreatePlanner();
        try
        {
            using var network = new Network(planner, _architecture, _normalization);
            using var run = new TrainingRun(network, _splits, options, placement, null, SilentObserver.Instance, TimeProvider.System);
        }
        catch (Exception exception) when (exception is ArchitectureException or OverflowException or ArgumentOutOfRangeException)
        {
            // Beyond what one tensor can hold.
            return long.MaxValue;
        }

        return planner.PeakBytes;
    }

    /// <summary>With the samples where they take least: a few of them take less than the places that batches are sent through.</summary>
    internal long Least(TrainingOptions options) => DataPlacement.All.Min(placement => Bytes(placement, options));

    private long Room()
    {
        long capacity = _device.CapacityBytes;
        return capacity == long.MaxValue ? long.MaxValue : Math.Max(capacity - _others, 0);
    }

    private MemoryShortage Shortage(long room)
    {
        bool batches = _options.Optimizer is not NormalizedGradientOptions;
        return new MemoryShortage
        {
            Work = "the training",
            Device = _device.Info.Id,
            NeededBytes = Least(_options),
            AvailableBytes = room,
            Batch = batches ? _options.BatchSize : null,
            LargestBatch = batches ? DeviceRoom.LargestBatch(SmallestBatch, _options.BatchSize, size => Least(_options with { BatchSize = size }) <= room) : null,
        };
    }
}
