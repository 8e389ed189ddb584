using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>Trains a network. The same options, data and device kind give the same bits, whatever the number of threads.</summary>
public static class Trainer
{
    /// <summary>Trains <paramref name="network"/> and sets its threshold, without checkpoints and telling nobody.</summary>
    /// <param name="network">The network; its parameters are updated.</param>
    /// <param name="splits">Training and test samples.</param>
    /// <param name="options">How to train.</param>
    /// <param name="cancellationToken">Ends the training at the next step.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a score became infinite or NaN.</exception>
    /// <exception cref="MemoryShortageException">The device has not enough memory.</exception>
    /// <exception cref="DeviceLostException">The device failed.</exception>
    public static TrainingResult Run(Network network, DataSplits splits, TrainingOptions options, CancellationToken cancellationToken = default) =>
        Run(network, splits, options, null, SilentObserver.Instance, cancellationToken);

    /// <summary>
    /// Trains <paramref name="network"/> and sets its threshold. A network without values is initialised from the seed. With
    /// a store, the training goes on from the job's checkpoint where there is one, ending with the same bits (all but
    /// times) as a run that was not interrupted.
    /// </summary>
    /// <param name="network">The network; its parameters are updated.</param>
    /// <param name="splits">Training and test samples.</param>
    /// <param name="options">How to train.</param>
    /// <param name="store">Where checkpoints are kept; null for none.</param>
    /// <param name="observer">Told of progress.</param>
    /// <param name="cancellationToken">On cancellation a checkpoint is written at the next step.</param>
    /// <param name="time">The clock for durations; the system's by default. No result depends on it.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; the checkpoint is on disk.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a score became infinite or NaN.</exception>
    /// <exception cref="MemoryShortageException">The device has not enough memory, planned before the first step or met at an allocation.</exception>
    /// <exception cref="DeviceLostException">The device failed; the latest checkpoint is on disk.</exception>
    /// <exception cref="CheckpointMismatchException">The store holds the checkpoint of another job.</exception>
    public static TrainingResult Run(
        Network network,
        DataSplits splits,
        TrainingOptions options,
        CheckpointStore? store,
        ITrainingObserver observer,
        CancellationToken cancellationToken,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(splits);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(observer);
        options.Validate();
        if (!splits.Train.SampleShape.Equals(network.Architecture.Input) || !splits.Test.SampleShape.Equals(network.Architecture.Input))
        {
            throw new ArgumentException(
                $"samples of {splits.Train.SampleShape} and {splits.Test.SampleShape} for a network of {network.Architecture.Input}",
                nameof(splits));
        }

        if (splits.Train.Scores != network.Architecture.Scores || splits.Test.Classes != splits.Train.Classes)
        {
            throw new ArgumentException(
                $"samples of {splits.Train.Classes} and {splits.Test.Classes} classes for a network with {network.Architecture.Scores} scores", nameof(splits));
        }

        if (splits.Validation is null && (options.Threshold == ThresholdRule.Validation || options.Keep == KeptEpoch.Best))
        {
            throw new ArgumentException("thresholds or epochs chosen by held-out samples, without any", nameof(splits));
        }

        if (!network.IsInitialized)
        {
            network.Initialize(options.Seed);
        }

        var memory = new TrainingMemory(network, splits, options);
        DataPlacement placement = memory.Place();
        try
        {
            using var run = new TrainingRun(network, splits, options, placement, store, observer, time ?? TimeProvider.System);
            return run.Run(cancellationToken);
        }
        catch (DeviceMemoryException exception)
        {
            // Others took memory since it was planned, or the device has less than it says.
            throw memory.Explain(placement, exception);
        }
    }
}
