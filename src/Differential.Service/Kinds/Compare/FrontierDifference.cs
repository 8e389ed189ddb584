using Differential.Core.Numerics;
using Differential.Service.Jobs;

namespace Differential.Service.Kinds.Compare;

/// <summary>
/// Two losses' curves at one accuracy: of each loss the setting that is selected among those that reach the accuracy on held-out samples. The
/// shares are of test samples, which decide nothing.
/// </summary>
/// <param name="HeldOutAccuracy">What both settings reach on held-out samples, in the mean of their seeds.</param>
/// <param name="Network">The loss that stands first in the job.</param>
/// <param name="Setting">Its setting, such as "temperature 2, margin 0.5".</param>
/// <param name="Other">The loss whose shares are taken from it.</param>
/// <param name="OtherSetting">Its setting.</param>
/// <param name="Seeds">Seeds that both were trained with.</param>
/// <param name="Accuracy">Share that is decided correctly.</param>
/// <param name="CertifiedAccuracy">Share whose margin over the Lipschitz constant reaches the budget, too; null where a layer has no bound.</param>
/// <param name="RobustAccuracy">Share that PGD does not flip within the budget; null where it was not asked for.</param>
public sealed record FrontierDifference(
    double HeldOutAccuracy,
    string Network,
    string Setting,
    string Other,
    string OtherSetting,
    int Seeds,
    ShareDifference Accuracy,
    ShareDifference? CertifiedAccuracy,
    ShareDifference? RobustAccuracy)
{
    /// <summary>Of every pair of losses, a row for each pair of settings that some accuracy selects, from the lowest accuracy to the highest that both reach.</summary>
    /// <param name="candidates">The settings of all losses.</param>
    /// <param name="figure">What selects.</param>
    internal static IReadOnlyList<FrontierDifference> Rows(IReadOnlyList<Candidate> candidates, SelectFigure figure)
    {
        Candidate[][] losses = [.. candidates.GroupBy(static candidate => candidate.Name).Select(static loss => loss.ToArray())];
        return [.. losses.SelectMany((first, place) => losses.Skip(place + 1).SelectMany(other => Rows(first, other, figure)))];
    }

    private static IEnumerable<FrontierDifference> Rows(Candidate[] first, Candidate[] other, SelectFigure figure)
    {
        (Candidate?, Candidate?) last = default;
        foreach (double accuracy in first.Concat(other).Select(HeldOut).Distinct().Order())
        {
            if (Selected(first, accuracy, figure) is not { } one || Selected(other, accuracy, figure) is not { } two)
            {
                yield break;
            }

            (CandidateRun First, CandidateRun Other)[] pairs = [.. one.Runs.Join(two.Runs, static run => run.Seed, static run => run.Seed, static (a, b) => (a, b))];
            if ((one, two) != last && pairs.Length > 0)
            {
                yield return new FrontierDifference(
                    Math.Min(HeldOut(one), HeldOut(two)), one.Name, CandidateText.Of(one.Loss), two.Name, CandidateText.Of(two.Loss), pairs.Length,
                    Of(pairs, static test => test.Accuracy, static test => test.Count)!,
                    Of(pairs, static test => test.CertifiedAccuracy, static test => test.Count),
                    Of(pairs, static test => test.RobustAccuracy, static test => test.Accuracy > 0 ? test.Attacked / test.Accuracy : test.Count));
            }

            last = (one, two);
        }
    }

    private static Candidate? Selected(Candidate[] loss, double accuracy, SelectFigure figure) => Selection.Best(loss.Where(candidate => HeldOut(candidate) >= accuracy), figure);

    private static double HeldOut(Candidate candidate) => candidate.Runs.Average(static run => run.Validation.Accuracy);

    private static ShareDifference? Of((CandidateRun First, CandidateRun Other)[] pairs, Func<FrontierFigures, double?> share, Func<FrontierFigures, double> samples) =>
        pairs.All(pair => share(pair.First.Test) is not null && share(pair.Other.Test) is not null)
            ? ShareDifference.Of([.. pairs.Select(pair => (Share(pair.First.Test, share, samples), Share(pair.Other.Test, share, samples)))])
            : null;

    private static (double Share, Interval Interval) Share(FrontierFigures test, Func<FrontierFigures, double?> share, Func<FrontierFigures, double> samples) =>
        (share(test)!.Value, Interval.Wilson(share(test)!.Value, samples(test)));
}
