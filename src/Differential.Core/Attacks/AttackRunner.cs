using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// Runs attacks on a model over a split: only correctly decided samples are attacked, the first
/// <see cref="AttackRunOptions.Limit"/> of them in an order that the seed decides. The order does not depend on the
/// model, so two models are attacked on the same samples where both are right. Of models with a score for each class the decision is
/// the class whose score less its threshold is the largest, and a flip is any other decision.
/// </summary>
public static class AttackRunner
{
    /// <summary>Attacks a network, in the largest batches that its device has room for.</summary>
    /// <param name="network">The network, with its threshold.</param>
    /// <param name="data">The samples.</param>
    /// <param name="options">The attacks.</param>
    /// <param name="observer">Told of progress; null for nobody.</param>
    /// <param name="cancellation">Ends the run, between two steps.</param>
    /// <exception cref="ArgumentException">The data do not have the network's sample shape.</exception>
    /// <exception cref="ScoresNotFiniteException">A sample has no decision: its score overflows float32.</exception>
    /// <exception cref="MemoryShortageException">The device has no room for one sample at a time.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, between two steps.</exception>
    public static SplitAttackResult Run(Network network, Dataset data, AttackRunOptions options, IAttackObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        using NetworkPlan plan = network.Plan(AttackMemory.Batch(network, data, options, Math.Min(ScoreEvaluator.BatchOn(network.Device.Info), data.Count)), PlanPurpose.Attack);
        return Run(plan, data, options, observer, cancellation);
    }

    /// <summary>Attacks a model, in batches of the size that it is planned for.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The samples.</param>
    /// <param name="options">The attacks.</param>
    /// <param name="observer">Told of progress; null for nobody.</param>
    /// <param name="cancellation">Ends the run, between two steps.</param>
    /// <exception cref="ArgumentException">The data do not have the model's sample shape.</exception>
    /// <exception cref="ScoresNotFiniteException">A sample has no decision: its score overflows float32.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, between two steps.</exception>
    public static SplitAttackResult Run(IScoreModel model, Dataset data, AttackRunOptions options, IAttackObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        if (!data.SampleShape.Equals(model.SampleShape))
        {
            throw new ArgumentException($"the data have samples of {data.SampleShape}; the model takes {model.SampleShape}", nameof(data));
        }

        if (data.Scores != model.Scores)
        {
            throw new ArgumentException($"the data have {data.Classes} classes; the model has {model.Scores} scores", nameof(data));
        }

        using var batches = new SampleBatches(model.Device, data, streamed: model.MaxBatch);
        var decision = Decision.By(model.Thresholds);
        float[] scores = ScoreEvaluator.Scores(model, batches, cancellation);
        CheckFinite(scores, model.Scores);
        int[] order = [.. Enumerable.Range(0, data.Count)];
        new RandomStream(options.Seed, "attack/order").Shuffle<int>(order);
        AttackedSample[] correct =
        [
            .. order.Select(i => (Index: i, Label: decision.Row(data.Labels[i]), Margin: decision.Margin(scores.AsSpan(i * model.Scores, model.Scores), data.Labels[i])))
                .Where(static sample => Decision.IsCorrect(sample.Label, sample.Margin))
                .Select(static sample => new AttackedSample(sample.Index, sample.Label.Value, sample.Label.Sign * sample.Margin)),
        ];
        AttackedSample[] samples = correct[..Math.Min(correct.Length, options.Limit ?? correct.Length)];
        var results = new List<AttackResult>();
        for (int i = 0; i < options.Attacks.Count && samples.Length > 0; i++)
        {
            using var session = new AttackSession(model, batches, samples, options.Seed, cancellation)
            {
                KeepAdversarial = options.KeepAdversarial,
                Examples = options.Examples,
                Observer = observer,
                Place = (i, options.Attacks.Count),
                QueuesSteps = QueuesSteps(model, options),
            };
            results.AddRange(options.Attacks[i].CreateAttack(session).Run());
        }

        return new SplitAttackResult
        {
            Count = data.Count,
            Correct = correct.Length,
            Decisions = SplitDecisions.Of(decision, scores, [.. data.Labels]),
            Samples = samples,
            LeftOut = correct[samples.Length..],
            Asked = [.. options.Attacks.OfType<FixedBudgetOptions>().SelectMany(static attack => attack.Epsilons.Select(epsilon => new AskedBudget(attack.Norm, epsilon)))],
            Attacks = results,
        };
    }

    private static void CheckFinite(float[] scores, int perSample)
    {
        int broken = scores.Chunk(perSample).Count(static sample => !Array.TrueForAll(sample, float.IsFinite));
        if (broken > 0)
        {
            throw new ScoresNotFiniteException(broken, scores.Length / perSample);
        }
    }

    /// <summary>
    /// Allocates what <see cref="Run(IScoreModel, Dataset, AttackRunOptions, IAttackObserver?, CancellationToken)"/> does, attack by attack, and computes nothing: for a model on a device that only counts. Every
    /// sample is taken to be decided correctly.
    /// </summary>
    internal static void Allocate(IScoreModel model, Dataset data, AttackRunOptions options)
    {
        using var batches = new SampleBatches(model.Device, data, streamed: model.MaxBatch);
        using (model.Device.Allocate(model.SampleShape.Batched(model.MaxBatch)))
        {
            // The clean scores'.
        }

        AttackedSample[] samples = [.. Enumerable.Range(0, Math.Min(data.Count, options.Limit ?? data.Count)).Select(i => new AttackedSample(i, data.Labels[i], data.Labels[i]))];
        foreach (AttackOptions attack in options.Attacks)
        {
            using var session = new AttackSession(model, batches, samples, options.Seed, CancellationToken.None) { QueuesSteps = QueuesSteps(model, options) };
            attack.CreateAttack(session);
        }
    }

    /// <summary>The SIMD device has done its work when a call returns: there looking at each step costs nothing, and rows that have left would.</summary>
    private static bool QueuesSteps(IScoreModel model, AttackRunOptions options) =>
        (options.QueuesSteps ?? model.Device is not SimdDevice) && model.TryPrepareGraphs();
}
