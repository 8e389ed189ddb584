using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>Attacks one network of a job: the part that attack and compare jobs share. Finished splits are kept in the checkpoint.</summary>
/// <param name="context">The job.</param>
/// <param name="model">The network's name in a comparison; null elsewhere.</param>
/// <param name="checkpoint">Where finished splits are kept.</param>
internal sealed class AttackStage(JobContext context, string? model, string checkpoint)
{
    private readonly StageCache _cache = new(checkpoint, context.Guard);

    /// <summary>Attacks a network on splits of the data.</summary>
    /// <param name="attacked">The network.</param>
    /// <param name="data">The samples.</param>
    /// <param name="splits">"train", "test" or both, in order.</param>
    /// <param name="options">The attacks.</param>
    /// <returns>The result of each split, in the order asked for.</returns>
    public IReadOnlyList<(string Split, SplitAttackResult Result)> Run(AttackedNetwork attacked, DataSplits data, SplitSelection splits, AttackRunOptions options)
    {
        var results = new List<(string, SplitAttackResult)>();
        foreach (string split in splits.Names)
        {
            Dataset samples = split == "train" ? data.Train : data.Test;
            string stage = $"attacked-{split}";
            SplitAttackResult? result = options.KeepAdversarial ? null : _cache.Read<SplitAttackResult>(stage, attacked.Key);
            if (result is null)
            {
                result = Attack(attacked.Network, samples, options, split);
                if (!options.KeepAdversarial)
                {
                    _cache.Write(stage, attacked.Key, result);
                }
            }
            else
            {
                context.Observer.Message($"The attacks on {(model is null ? string.Empty : model + ", ")}{split} are done already");
            }

            results.Add((split, result));
        }

        return results;
    }

    /// <summary>The device's usual batch, or the largest below it that its memory has room for.</summary>
    internal static int BatchFor(JobContext context, Network network, Dataset samples, AttackRunOptions options)
    {
        int most = Math.Min(ScoreEvaluator.BatchOn(context.Device.Info), samples.Count);
        int batch = AttackMemory.Batch(network, samples, options, most);
        if (batch < most)
        {
            context.Observer.Message($"Attacks run in batches of {batch}: the memory of {context.Device.Info.Id} has room for no more");
        }

        return batch;
    }

    /// <summary>Where memory that was planned with is gone by now, smaller batches are tried before the job fails.</summary>
    private SplitAttackResult Attack(Network network, Dataset samples, AttackRunOptions options, string split)
    {
        int batch = BatchFor(context, network, samples, options);
        while (true)
        {
            var told = new StageObserver(context.Observer, model, split);
            try
            {
                using NetworkPlan plan = network.Plan(batch, PlanPurpose.Attack);
                return AttackRunner.Run(plan, samples, options, told, context.Cancellation);
            }
            catch (DeviceMemoryException exception) when (batch > 1 && !told.HasFinished)
            {
                batch /= 2;
                context.Observer.Message($"Attacks run in batches of {batch}: {exception.Message}");
            }
        }
    }
}
