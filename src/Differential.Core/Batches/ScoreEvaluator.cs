using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Batches;

/// <summary>The scores of a data set, before the threshold.</summary>
public static class ScoreEvaluator
{
    /// <summary>Samples per pass where nothing asks for another number, and the device has room for so many.</summary>
    public const int DefaultBatch = 128;

    /// <summary>The same on a GPU, which fewer would leave waiting for the host.</summary>
    public const int GpuBatch = 1024;

    /// <summary>Samples per pass on a device.</summary>
    public static int BatchOn(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.IsGpu ? GpuBatch : DefaultBatch;
    }

    /// <summary>[samples, scores] of a network.</summary>
    public static float[] Scores(Network network, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        using NetworkPlan plan = network.Plan(BatchFor(network, data), PlanPurpose.Inference);
        return Scores(plan, data);
    }

    /// <summary>[samples, scores], in batches of the plan's size.</summary>
    public static float[] Scores(NetworkPlan plan, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(data);
        using Tensor<float> batch = plan.Device.Allocate(plan.SampleShape.Batched(plan.MaxBatch));
        using DeviceDataset device = DeviceDataset.Create(plan.Device, data, plan.MaxBatch);
        var scores = new float[data.Count * plan.Scores];
        Scores(plan, device, Enumerable.Range(0, data.Count).ToArray(), batch, scores);
        return scores;
    }

    /// <summary>The default batch, halved until it fits beside what lies on the device.</summary>
    internal static int BatchFor(Network network, Dataset data)
    {
        int batch = Math.Min(BatchOn(network.Device.Info), Math.Max(1, data.Count));
        long room = DeviceRoom.Free(network.Device);
        while (batch > 1 && !(Bytes(network, data, batch) <= room))
        {
            batch /= 2;
        }

        return batch;
    }

    /// <summary>The scores of some samples.</summary>
    /// <param name="plan">Any plan of the network.</param>
    /// <param name="data">Where the samples are.</param>
    /// <param name="samples">Their indices.</param>
    /// <param name="batch">[plan.MaxBatch, …sample], overwritten.</param>
    /// <param name="scores">[samples, scores].</param>
    internal static void Scores(NetworkPlan plan, DeviceDataset data, ReadOnlySpan<int> samples, Tensor<float> batch, Span<float> scores)
    {
        for (int start = 0; start < samples.Length; start += plan.MaxBatch)
        {
            int count = Math.Min(plan.MaxBatch, samples.Length - start);
            data.Load(samples.Slice(start, count), batch);
            plan.Forward(batch, count).Read(scores.Slice(start * plan.Scores, count * plan.Scores));
        }
    }

    /// <summary>What one pass takes beside the network, the samples coming from the host; null where it is beyond what one tensor can hold.</summary>
    private static long? Bytes(Network network, Dataset data, int batch)
    {
        using ComputeDevice planner = network.Device.CreatePlanner();
        using var twin = new Network(planner, network.Architecture, network.Normalization);
        long before = planner.HeldBytes;
        try
        {
            using NetworkPlan plan = twin.Plan(batch, PlanPurpose.Inference);
            using Tensor<float> inputs = planner.Allocate(plan.SampleShape.Batched(batch));
            using var samples = new DeviceDataset(planner, data, streamed: batch);
            return planner.PeakBytes - before;
        }
        catch (ArchitectureException)
        {
            return null;
        }
    }
}
