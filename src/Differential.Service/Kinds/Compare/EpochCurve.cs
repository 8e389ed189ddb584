using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Train;
using Differential.Service.Progress;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Compare;

/// <summary>
/// Attacks the networks of some epochs: a network that has learned less is often harder to fool, so that flip rates are compared at
/// equal accuracy too.
/// </summary>
/// <param name="Norm">Of the attack.</param>
/// <param name="Epsilon">Its budget.</param>
/// <param name="Seed">Decides samples and starts.</param>
internal sealed record EpochCurve(AttackNorm Norm, double Epsilon, long Seed)
{
    /// <summary>Correctly decided test samples that are attacked.</summary>
    public const int Samples = 100;

    /// <summary>Epochs attacked, spread evenly; the last is among them.</summary>
    public const int MostEpochs = 8;

    /// <summary>More epochs than this are not kept.</summary>
    private const int LongestTraining = 200;

    /// <summary>Steps of the attack.</summary>
    public const int Steps = 20;

    /// <summary>The curve of a comparison: the middle budget of its first attack with budgets, PGD before others.</summary>
    /// <returns>Null where it was not asked for, no attack has a budget, or a training has too many epochs or only one.</returns>
    public static EpochCurve? Of(CompareSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        FixedBudgetOptions? attack = spec.Attacks.OfType<PgdOptions>().FirstOrDefault() ?? spec.Attacks.OfType<FixedBudgetOptions>().FirstOrDefault();
        double[] budgets = [.. (attack?.Epsilons ?? []).Select(e => e.Value).Where(e => e > 0).Order()];
        bool fits = spec.Runs().All(run => run.Training.Epochs is > 1 and <= LongestTraining && run.Training.Optimizer is not NormalizedGradientOptions);
        return spec.EqualAccuracy && spec.Select is null && budgets.Length > 0 && fits ? new EpochCurve(attack!.Norm, budgets[budgets.Length / 2], spec.Seed) : null;
    }

    /// <summary>Attacks the epochs' networks; the network is left with the parameters of the last.</summary>
    public IReadOnlyList<EpochFlips> Measure(JobContext context, string label, Network network, Dataset test, TrainingResult result)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(result);
        var options = new AttackRunOptions
        {
            Attacks = [new PgdOptions { Norm = Norm, Epsilons = [Epsilon], Steps = Steps }],
            Limit = Samples,
            Seed = Seed,
        };
        var points = new List<EpochFlips>();
        context.Observer.PhaseBegan(new PhaseId(PhaseKind.EqualAccuracy, label));
        using NetworkPlan plan = network.Plan(AttackStage.BatchFor(context, network, test, options), PlanPurpose.Attack);
        int[] selected = [.. Selected(result.Snapshots.Count)];
        foreach (int index in selected)
        {
            EpochSnapshot snapshot = result.Snapshots[index];
            EpochReport report = result.Epochs[snapshot.Epoch - 1];
            network.SetParameters([.. snapshot.Parameters]);
            network.SetState([.. snapshot.State]);
            network.Settle();
            network.SetThresholds(report.Thresholds is { } thresholds ? [.. thresholds] : [report.Threshold]);
            SplitAttackResult attacked = AttackRunner.Run(plan, test, options, null, context.Cancellation);
            points.Add(new EpochFlips(snapshot.Epoch, report.TestAccuracy, attacked.Attacks.Count > 0 ? attacked.Attacks[0].FlipRate : double.NaN));
            context.Observer.PhaseAdvanced((double)points.Count / selected.Length);
        }

        return points;
    }

    /// <summary>
    /// The flip rate at an accuracy: on the line between the latest two neighbouring points of which the accuracy lies between theirs.
    /// </summary>
    /// <returns>Null where the curve does not pass that accuracy.</returns>
    public static double? At(IReadOnlyList<EpochFlips> points, double accuracy)
    {
        ArgumentNullException.ThrowIfNull(points);
        for (int i = points.Count - 1; i >= 0; i--)
        {
            if (points[i].Accuracy == accuracy)
            {
                return points[i].FlipRate;
            }

            if (i > 0 && Math.Min(points[i - 1].Accuracy, points[i].Accuracy) <= accuracy && accuracy <= Math.Max(points[i - 1].Accuracy, points[i].Accuracy))
            {
                double share = (accuracy - points[i - 1].Accuracy) / (points[i].Accuracy - points[i - 1].Accuracy);
                return points[i - 1].FlipRate + (share * (points[i].FlipRate - points[i - 1].FlipRate));
            }
        }

        return null;
    }

    private static IEnumerable<int> Selected(int count)
    {
        int selected = Math.Min(count, MostEpochs);
        return Enumerable.Range(1, selected).Select(i => (int)((long)i * count / selected) - 1);
    }
}
