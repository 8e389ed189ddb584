
using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;

namespace Differential.Core.Checks;

/// <summary>
/// Where the ball is so large that it must hold flips, the attack finds them. Every image can be made grey within L∞ 0.5, and grey has one
/// decision: accuracy falls to chance at least. Points can be moved onto any other point within the diagonal of the box that holds them all.
/// </summary>
internal sealed class LargeBudgetCheck : EvaluationCheck
{
    public override string Name => "largeBudget";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        Dataset samples = subject.Samples;
        AttackNorm norm = samples.IsImages ? AttackNorm.Linf : AttackNorm.L2;
        double epsilon = samples.IsImages ? 0.5 : Diagonal(samples);
        double chance = (double)samples.Labels.GroupBy(static label => label).Max(static group => group.Count()) / samples.Count;
        if (epsilon <= 0 || chance == 1)
        {
            return Result(true, "The samples are all of one class or all alike: nothing must flip.", ("flipRate", null));
        }

        AttackResult outcome = subject.Attack(new PgdOptions { Norm = norm, Epsilons = [epsilon], Steps = 2 * subject.Options.Steps });
        double least = 1 - chance;
        return Result(
            outcome.FlippedCount + subject.Slack >= Math.Ceiling(least * samples.Count),
            $"{norm.Symbol()} {Budget(epsilon)}, where at least {Percent(least)} must flip: PGD flips {Percent(outcome.FlipRate)}.",
            ("epsilon", epsilon),
            ("flipRate", outcome.FlipRate),
            ("least", least));
    }

    private static double Diagonal(Dataset samples)
    {
        int length = samples.SampleShape.Length;
        double squares = 0;
        for (int k = 0; k < length; k++)
        {
            double low = double.PositiveInfinity;
            double high = double.NegativeInfinity;
            for (int i = 0; i < samples.Count; i++)
            {
                double value = samples.Features![(i * length) + k];
                low = Math.Min(low, value);
                high = Math.Max(high, value);
            }

            squares += (high - low) * (high - low);
        }

        return Math.Sqrt(squares);
    }
}
