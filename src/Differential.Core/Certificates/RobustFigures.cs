using Differential.Core.Attacks;
using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Core.Certificates;

/// <summary>
/// How robust a network is within one distance, over all samples of a split, the wrongly decided ones included: these count as neither robust nor certified.
/// <para>
/// Which samples are decided correctly is known of all of them. Where a limit lets only some of the correct ones be attacked, these are the first
/// in an order that the seed decides and the network does not: a random subset. The share of them that stays is then taken for all correct
/// ones: robust accuracy = accuracy · (1 − flip rate). Certificates by the Lipschitz constant are counted of all samples, with or without a limit. The interval is Wilson's for as many samples as had to be looked at to find
/// the attacked ones, attacked / accuracy: without a limit all samples. With a limit it is on the safe side, as the accuracy is known of more.
/// </para>
/// </summary>
public sealed record RobustFigures
{
    public required AttackNorm Norm { get; init; }

    /// <summary>The distance, in the scale of the inputs.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Share of all samples that are decided correctly and that no attack of the run flips within the distance.</summary>
    public required double RobustAccuracy { get; init; }

    /// <summary>Of <see cref="RobustAccuracy"/>.</summary>
    public required Interval Interval { get; init; }

    /// <summary>Share of all samples whose correct decision is certified within the distance; null where no certificate was asked for or none is available.</summary>
    public required double? CertifiedAccuracy { get; init; }

    /// <summary>Correct samples that <see cref="CertifiedAccuracy"/> is known from; null where it is.</summary>
    public required int? CertifiedSamples { get; init; }

    /// <summary>Of <see cref="CertifiedAccuracy"/>.</summary>
    public required Interval? CertifiedInterval { get; init; }

    /// <summary>Share of the attacked samples, which are decided correctly, that any attack flips within the distance; NaN where none was attacked.</summary>
    public required double FlipRate { get; init; }

    /// <summary>Of each class, the same over its samples; null where a class has correct samples, but none of them was attacked.</summary>
    public required IReadOnlyList<double?> RobustAccuracies { get; init; }

    /// <summary>Of each class, the certified accuracy over its samples; null where it is not known.</summary>
    public required IReadOnlyList<double?> CertifiedAccuracies { get; init; }

    /// <summary>Mean of <see cref="RobustAccuracies"/>; null where one is not known.</summary>
    public required double? BalancedRobustAccuracy { get; init; }

    /// <summary>Of <see cref="BalancedRobustAccuracy"/>.</summary>
    public required Interval? BalancedInterval { get; init; }

    /// <summary>Mean of <see cref="CertifiedAccuracies"/>; null where one is not known.</summary>
    public required double? BalancedCertifiedAccuracy { get; init; }

    /// <summary>The figures of each budget of a run.</summary>
    /// <param name="result">The run.</param>
    /// <param name="brackets">Of its samples, with their certificates.</param>
    public static IReadOnlyList<RobustFigures> Of(SplitAttackResult result, IReadOnlyList<MarginBracket> brackets)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(brackets);
        return [.. result.Budgets().Select(budget => At(result, brackets, budget.Norm, budget.Epsilon))];
    }

    /// <summary>The figures within one distance.</summary>
    /// <param name="result">The run.</param>
    /// <param name="brackets">Of its samples, with their certificates.</param>
    /// <param name="norm">Of the distance.</param>
    /// <param name="epsilon">The distance.</param>
    public static RobustFigures At(SplitAttackResult result, IReadOnlyList<MarginBracket> brackets, AttackNorm norm, double epsilon)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(brackets);
        IReadOnlyList<bool> flipped = result.FlippedWithin(norm, epsilon);
        MarginBracket? bracket = brackets.FirstOrDefault(bracket => bracket.Norm == norm);
        int scores = result.Decisions.Counts.Count == 2 ? 1 : result.Decisions.Counts.Count;
        int[] classes = [.. result.Samples.Select(sample => SplitDecisions.ClassOf(sample.Label, scores))];

        (int Class, double Distance)[] certified =
        [
            .. (bracket?.Certified ?? []).Zip(classes).Where(static of => of.First is not null).Select(static of => (of.Second, of.First!.Value)),
            .. (bracket?.LeftOut ?? []).Select(sample => (SplitDecisions.ClassOf(sample.Label, scores), sample.Certified)),
        ];
        bool isAvailable = certified.Any(static of => !double.IsNaN(of.Distance));

        Estimate robust = Robust(result.Correct, result.Count, static _ => true);
        Estimate? sure = Certified(result.Correct, result.Count, static _ => true);
        Estimate?[] robustByClass = [.. ByClass((correct, count, within) => Robust(correct, count, within))];
        Estimate?[] sureByClass = [.. ByClass(Certified)];
        return new RobustFigures
        {
            Norm = norm,
            Epsilon = epsilon,
            RobustAccuracy = robust.Share,
            Interval = robust.Interval(),
            CertifiedAccuracy = sure?.Share,
            CertifiedSamples = sure is null ? null : certified.Length,
            CertifiedInterval = sure?.Interval(),
            FlipRate = flipped.Count == 0 ? double.NaN : (double)flipped.Count(static flag => flag) / flipped.Count,
            RobustAccuracies = [.. robustByClass.Select(static estimate => estimate?.Share)],
            CertifiedAccuracies = [.. sureByClass.Select(static estimate => estimate?.Share)],
            BalancedRobustAccuracy = Balanced(robustByClass)?.Share,
            BalancedInterval = Balanced(robustByClass)?.Interval(),
            BalancedCertifiedAccuracy = Balanced(sureByClass)?.Share,
        };

        // Without an attacked sample nothing is known but that wrong ones are not robust.
        Estimate Robust(int correct, int count, Func<int, bool> within)
        {
            int[] attacked = [.. Enumerable.Range(0, flipped.Count).Where(i => within(classes[i]))];
            return Estimate.Of(correct, count, attacked.Length, attacked.Count(i => !flipped[i]));
        }

        Estimate? Certified(int correct, int count, Func<int, bool> within)
        {
            (int Class, double Distance)[] asked = [.. certified.Where(of => within(of.Class))];
            return !isAvailable && correct > 0 ? null : Estimate.Of(correct, count, asked.Length, asked.Count(of => of.Distance > 0 && of.Distance >= epsilon));
        }

        IEnumerable<Estimate?> ByClass(Func<int, int, Func<int, bool>, Estimate?> estimate)
        {
            for (int k = 0; k < result.Decisions.Counts.Count; k++)
            {
                int own = k;
                int count = result.Decisions.Counts[k];
                Estimate? found = count == 0 ? null : estimate(result.Decisions.Confusion[k][k], count, of => of == own);
                yield return found is { IsKnown: true } ? found : null;
            }
        }
    }

    /// <summary>The mean of the classes' shares, each class with the same weight; of classes of which all are known.</summary>
    private static Estimate? Balanced(IReadOnlyList<Estimate?> classes)
    {
        if (classes.Any(static estimate => estimate is null))
        {
            return null;
        }

        Estimate[] parts = [.. classes.Select(static estimate => estimate!.Value)];
        double share = parts.Average(static part => part.Share);
        double number = parts.Length * (double)parts.Length;

        // As many samples as would have the mean's variance; no more than if all classes had the mean's share.
        double samples = number / parts.Sum(static part => 1 / part.Samples);
        double variance = parts.Sum(static part => part.Share * (1 - part.Share) / part.Samples) / number;
        return new Estimate(share, variance > 0 ? Math.Min(samples, share * (1 - share) / variance) : samples);
    }

    /// <summary>A share of all samples, and the samples that it is known from.</summary>
    private readonly record struct Estimate(double Share, double Samples)
    {
        /// <summary>Whether a sample was looked at.</summary>
        public bool IsKnown => Samples > 0;

        public Interval Interval() => Numerics.Interval.Wilson(Math.Clamp(Share, 0, 1), Samples);

        /// <param name="correct">Samples that are decided correctly.</param>
        /// <param name="count">All samples.</param>
        /// <param name="seen">Of the correct ones, those that were looked at.</param>
        /// <param name="kept">Of these, those that count.</param>
        public static Estimate Of(int correct, int count, int seen, int kept)
        {
            if (correct == 0 || count == 0)
            {
                return new Estimate(0, count);
            }

            double accuracy = (double)correct / count;
            return seen == 0 ? new Estimate(0, 0) : new Estimate(accuracy * kept / seen, seen / accuracy);
        }
    }
}
