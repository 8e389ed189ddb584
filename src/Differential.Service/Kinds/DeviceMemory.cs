using Differential.Core;
using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Core.Training;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Runs;

namespace Differential.Service.Kinds;

/// <summary>Says before a job's first step that its device has too little memory, and which batch would fit.</summary>
internal static class DeviceMemory
{
    /// <summary>Checks a training.</summary>
    /// <param name="device">The job's device; nothing of the job lies on it yet.</param>
    /// <param name="training">The training.</param>
    /// <param name="architecture">Its network.</param>
    /// <param name="normalization">Of the inputs.</param>
    /// <param name="data">The samples.</param>
    /// <param name="file">The job file, for messages.</param>
    /// <param name="batchPlace">Where the job says the batch size.</param>
    /// <param name="modelPlace">Where it says the network.</param>
    /// <exception cref="InputException">It does not fit.</exception>
    public static void CheckTraining(
        ComputeDevice device, TrainSpec training, NetworkArchitecture architecture, InputNormalization normalization, DataSplits data, string file, string batchPlace = "$.batchSize", string modelPlace = "$.model")
    {
        var memory = new TrainingMemory(device, architecture, normalization, data, training.ToTraining());
        if (memory.Shortage() is { } shortage)
        {
            throw DeviceShortage.Mistake(shortage, file, shortage.LargestBatch is null ? modelPlace : batchPlace);
        }
    }

    /// <summary>Checks that attacks fit at least one sample at a time; they choose their batch by themselves.</summary>
    /// <exception cref="InputException">They do not.</exception>
    public static void CheckAttacks(
        ComputeDevice device, IReadOnlyList<AttackOptions> attacks, NetworkArchitecture architecture, InputNormalization normalization, Dataset data, string file)
    {
        try
        {
            AttackMemory.Batch(device, architecture, normalization, data, new AttackRunOptions { Attacks = attacks }, most: 1);
        }
        catch (MemoryShortageException exception)
        {
            throw DeviceShortage.Mistake(exception.Shortage, file, "$.model");
        }
    }
}
