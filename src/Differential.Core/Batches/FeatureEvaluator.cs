using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Batches;

/// <summary>The penultimate features of a data set: the input of the last dense layer.</summary>
internal static class FeatureEvaluator
{
    /// <summary>A row of k features for each sample.</summary>
    public static float[][] Features(Network network, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        using NetworkPlan plan = network.Plan(ScoreEvaluator.BatchFor(network, data), PlanPurpose.Inference);
        using Tensor<float> batch = network.Device.Allocate(plan.SampleShape.Batched(plan.MaxBatch));
        using SampleBatches batches = SampleBatches.Create(network.Device, data, plan.MaxBatch);
        int length = network.Architecture.FeatureCount;
        var rows = new float[data.Count][];
        var values = new float[plan.MaxBatch * length];
        batches.ForEach([.. Enumerable.Range(0, data.Count)], batch, (start, count) =>
        {
            plan.Forward(batch, count);
            plan.Features.Read(values.AsSpan(0, count * length));
            for (int i = 0; i < count; i++)
            {
                rows[start + i] = values.AsSpan(i * length, length).ToArray();
            }
        });
        return rows;
    }
}
