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

        // The rows come first: the samples take what room is left, and are brought batch by batch where it is too little.
        using Tensor<float> rows = plan.Device.Allocate(plan.SampleShape.Batched(plan.MaxBatch));
        using SampleBatches batches = SampleBatches.Create(plan.Device, data, plan.MaxBatch);
        return Scores(plan, batches, rows, CancellationToken.None);
    }

    /// <summary>The same of samples that are ready for the device.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, between two batches.</exception>
    internal static float[] Scores(IScoreModel model, SampleBatches batches, CancellationToken cancellation)
    {
        using Tensor<float> rows = model.Device.Allocate(model.SampleShape.Batched(model.MaxBatch));
        return Scores(model, batches, rows, cancellation);
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
    /// <param name="model">Any plan of the network, or another model.</param>
    /// <param name="batches">Where the samples are.</param>
    /// <param name="samples">Their indices.</param>
    /// <param name="rows">[model.MaxBatch, …sample], overwritten.</param>
    /// <param name="scores">[samples, scores].</param>
    /// <param name="cancellation">Looked at between two batches.</param>
    internal static void Scores(IScoreModel model, SampleBatches batches, int[] samples, Tensor<float> rows, float[] scores, CancellationToken cancellation = default) =>
        batches.ForEach(samples, rows, (start, count) =>
        {
            cancellation.ThrowIfCancellationRequested();
            model.Forward(rows, count).Read(scores.AsSpan(start * model.Scores, count * model.Scores));
        });

    private static float[] Scores(IScoreModel model, SampleBatches batches, Tensor<float> rows, CancellationToken cancellation)
    {
        var scores = new float[batches.Data.Count * model.Scores];
        Scores(model, batches, [.. Enumerable.Range(0, batches.Data.Count)], rows, scores, cancellation);
        return scores;
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
            using var samples = new SampleBatches(planner, data, streamed: batch);
            return planner.PeakBytes - before;
        }
        catch (ArchitectureException)
        {
            return null;
        }
    }
}
