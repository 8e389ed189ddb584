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
    /// <exception cref="ArgumentException">The data do not have the model's sample shape.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, between two steps.</exception>
    public static SplitAttackResult Run(IScoreModel model, Dataset data, AttackRunOptions options, IAttackObserver? observer, CancellationToken cancellation)
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

        using var loader = new SampleLoader(model.Device, data, model.MaxBatch);
        float[] margins = CleanMargins(model, data, loader, cancellation);
        int[] order = [.. Enumerable.Range(0, data.Count)];
        new RandomStream(options.Seed, "attack/order").Shuffle<int>(order);
        AttackedSample[] correct =
        [
            .. order.Where(i => Decision.IsCorrect(Sign(i), margins[i]))
                .Select(i => new AttackedSample(i, data.Labels[i], Sign(i) * margins[i])),
        ];
        AttackedSample[] samples = correct[..Math.Min(correct.Length, options.Limit ?? correct.Length)];
        var results = new List<AttackResult>();
        for (int i = 0; i < options.Attacks.Count && samples.Length > 0; i++)
        {
            using var session = new AttackSession(model, loader, samples, options.Seed, cancellation)
            {
                KeepAdversarial = options.KeepAdversarial,
                Observer = observer,
                Place = (i, options.Attacks.Count),
                QueuesSteps = QueuesSteps(model, options),
            };
            results.AddRange(options.Attacks[i].CreateAttack(session).Run());
        }

        return new SplitAttackResult { Count = data.Count, Correct = correct.Length, Samples = samples, Attacks = results };

        float Sign(int i) => new RowLabel(data.Labels[i], model.Scores).Sign;
    }

    /// <summary>
    /// Allocates what <see cref="Run"/> does, attack by attack, and computes nothing: for a model on a device that only counts. Every
    /// sample is taken to be decided correctly.
    /// </summary>
    internal static void Plan(IScoreModel model, Dataset data, AttackRunOptions options)
    {
        using var loader = new SampleLoader(model.Device, data, model.MaxBatch);
        using (model.Device.Allocate(model.SampleShape.Batched(model.MaxBatch)))
        {
            // The clean scores'.
        }

        AttackedSample[] samples = [.. Enumerable.Range(0, Math.Min(data.Count, options.Limit ?? data.Count)).Select(i => new AttackedSample(i, data.Labels[i], data.Labels[i]))];
        foreach (AttackOptions attack in options.Attacks)
        {
            using var session = new AttackSession(model, loader, samples, options.Seed, CancellationToken.None) { QueuesSteps = QueuesSteps(model, options) };
            attack.CreateAttack(session);
        }
    }

    /// <summary>The SIMD device has done its work when a call returns: there looking at each step costs nothing, and rows that have left would.</summary>
    private static bool QueuesSteps(IScoreModel model, AttackRunOptions options) =>
        (options.QueuesSteps ?? model.Device is not SimdDevice) && model.TryPrepareGraphs();

    /// <summary>y·(s − threshold) of every sample, of several scores the smallest margin.</summary>
    private static float[] CleanMargins(IScoreModel model, Dataset data, SampleLoader loader, CancellationToken cancellation)
    {
        using Tensor<float> rows = model.Device.Allocate(model.SampleShape.Batched(model.MaxBatch));
        var margins = new float[data.Count];
        var scores = new float[model.MaxBatch * model.Scores];
        float[] thresholds = [.. model.Thresholds];
        foreach (int[] samples in Enumerable.Range(0, data.Count).Chunk(model.MaxBatch))
        {
            cancellation.ThrowIfCancellationRequested();
            loader.Load(samples, rows);
            Span<float> chunk = margins.AsSpan(samples[0], samples.Length);
            model.Forward(rows, samples.Length).Read(scores.AsSpan(0, samples.Length * model.Scores));
            for (int i = 0; i < chunk.Length; i++)
            {
                chunk[i] = ClassMargin.Deciding(scores.AsSpan(i * model.Scores, model.Scores), thresholds, data.Labels[samples[i]]);
            }
        }

        return margins;
    }
}
