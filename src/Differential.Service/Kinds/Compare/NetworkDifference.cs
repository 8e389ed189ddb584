using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Service.Kinds.Compare;

/// <summary>A share of one network less that of another.</summary>
/// <param name="Value">In [−1, 1]; of several seeds the mean.</param>
/// <param name="Interval">95 %. Of two seeds or more Student's, of the differences seed by seed. Of one seed Newcombe's, from the intervals of both shares.</param>
public sealed record ShareDifference(double Value, Interval Interval)
{
    /// <summary>The difference taken the other way around.</summary>
    internal ShareDifference Reversed => new(-Value, new Interval(-Interval.High, -Interval.Low));

    /// <summary>The difference over one seed or more; shares differ by at most 1, and so does the interval.</summary>
    /// <param name="seeds">Of each seed the share and the one that is taken from it, each with its own interval.</param>
    internal static ShareDifference Of(IReadOnlyList<((double Share, Interval Interval) First, (double Share, Interval Interval) Other)> seeds)
    {
        double[] differences = [.. seeds.Select(static seed => seed.First.Share - seed.Other.Share)];
        ((double share, Interval interval), (double otherShare, Interval otherInterval)) = seeds[0];
        Interval found = Interval.OfMean(differences) ?? Interval.OfDifference(share, interval, otherShare, otherInterval);
        return new ShareDifference(differences.Average(), new Interval(Math.Max(found.Low, -1), Math.Min(found.High, 1)));
    }
}

/// <summary>How two networks of a comparison differ within one distance, over all samples of a split.</summary>
/// <param name="Split">"train" or "test".</param>
/// <param name="Norm">Of the distance.</param>
/// <param name="Epsilon">The distance.</param>
/// <param name="Network">The one that stands first in the job.</param>
/// <param name="Other">The one whose shares are taken from it.</param>
/// <param name="Seeds">Seeds that both were trained with.</param>
/// <param name="Accuracy">Share that is decided correctly.</param>
/// <param name="RobustAccuracy">Share that is decided correctly and not flipped by any attack.</param>
/// <param name="CertifiedAccuracy">Share whose correct decision is certified; null where it is not known of every training.</param>
public sealed record NetworkDifference(
    string Split, AttackNorm Norm, double Epsilon, string Network, string Other, int Seeds, ShareDifference Accuracy, ShareDifference RobustAccuracy, ShareDifference? CertifiedAccuracy)
{
    /// <summary>Every pair of networks at every distance. Two without a common seed have no row.</summary>
    internal static IReadOnlyList<NetworkDifference> Rows(IReadOnlyList<ComparedDistance> distances)
    {
        ArgumentNullException.ThrowIfNull(distances);
        return
        [
            .. distances.SelectMany(static distance =>
            {
                IGrouping<string, ComparedTraining>[] networks = [.. distance.Networks.GroupBy(static n => n.Name)];
                return networks.SelectMany((first, place) => networks.Skip(place + 1).Select(other => Of(distance, first, other))).OfType<NetworkDifference>();
            }),
        ];
    }

    private static NetworkDifference? Of(ComparedDistance distance, IGrouping<string, ComparedTraining> first, IGrouping<string, ComparedTraining> other)
    {
        (ComparedTraining First, ComparedTraining Other)[] pairs = [.. first.Join(other, static n => n.Seed, static n => n.Seed, static (a, b) => (a, b))];
        if (pairs.Length == 0)
        {
            return null;
        }

        bool isCertified = pairs.All(static p => p.First.Robust.CertifiedInterval is not null && p.Other.Robust.CertifiedInterval is not null);
        return new NetworkDifference(
            distance.Split,
            distance.Norm,
            distance.Epsilon,
            first.Key,
            other.Key,
            pairs.Length,
            Of(pairs, static n => (n.Accuracy, Interval.Wilson(n.Accuracy, n.Samples))),
            Of(pairs, static n => (n.Robust.RobustAccuracy, n.Robust.Interval)),
            isCertified ? Of(pairs, static n => (n.Robust.CertifiedAccuracy!.Value, n.Robust.CertifiedInterval!.Value)) : null);
    }

    private static ShareDifference Of((ComparedTraining First, ComparedTraining Other)[] pairs, Func<ComparedTraining, (double Share, Interval Interval)> figure) =>
        ShareDifference.Of([.. pairs.Select(pair => (figure(pair.First), figure(pair.Other)))]);
}
