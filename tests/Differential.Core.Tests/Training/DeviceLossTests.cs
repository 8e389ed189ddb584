using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>A driver's error in the middle of a training: one exception, everything disposed, the checkpoint kept.</summary>
public sealed class DeviceLossTests
{
    private static readonly DataSplits Splits = ToyData.Points(6);

    private static readonly TrainingOptions Options = ToyTraining.Options with { BatchSize = 6, Epochs = 3 };

    [SkippableTheory]
    [InlineData("ilgpu-cpu", 0.6)]
    [InlineData("ilgpu-cpu", 0.95)]
    [InlineData("opencl", 0.2)]
    [InlineData("opencl", 0.6)]
    [InlineData("opencl", 0.95)]
    public void Run_DriverFails_GoesOnFromTheCheckpointOnAFreshDevice(string name, double when)
    {
        int calls = 0;
        (TrainingResult Result, float[] Parameters) whole = Train(name, null, _ =>
        {
            calls++;
            return null;
        });
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Root);
        int left = (int)(calls * when);

        DeviceLostException exception = Assert.Throws<DeviceLostException>(() => Train(name, store, _ => left-- <= 0 ? "CUDA_ERROR_ILLEGAL_ADDRESS: an illegal\nmemory access" : null));

        Assert.Matches($"^{name}(:0)? \\(.+\\) failed while .+: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access$", exception.Message);
        ToyTraining.AssertSame(whole, Train(name, store, _ => null));
    }

    /// <summary>From then on every call fails, as on a device that is gone; disposing must not mind.</summary>
    private static (TrainingResult Result, float[] Parameters) Train(string name, CheckpointStore? store, Func<string, string?> fault)
    {
        using ComputeDevice device = Devices.Open(name, new DeviceOptions { DriverFault = fault });
        using Network network = ToyTraining.CreateNetwork(device, Splits);
        TrainingResult result = Trainer.Run(network, Splits, Options, store, new RecordingObserver(), CancellationToken.None);
        return (result, network.ParameterValues.ToArray());
    }
}
