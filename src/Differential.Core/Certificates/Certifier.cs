using Differential.Core.Attacks;
using Differential.Core.Decisions;
using Differential.Core.Data;
using Differential.Core.Networks;

namespace Differential.Core.Certificates;

/// <summary>Certifies the samples of a run: the attacked ones, and those that its limit left out where that takes no search.</summary>
public static class Certifier
{
    /// <summary>Room for a margin in float32 that is above the exact one.</summary>
    private const double Rounding = 1e-3;

    /// <summary>The bracket of each sample, in L2 and in L∞, and in L1 where an attack searched in it.</summary>
    /// <param name="network">The attacked network, with its threshold.</param>
    /// <param name="data">The split.</param>
    /// <param name="result">The run on it.</param>
    /// <param name="options">The methods; null for the default ones.</param>
    /// <param name="cancellation">Ends the search, between two samples.</param>
    public static IReadOnlyList<MarginBracket> Brackets(Network network, Dataset data, SplitAttackResult result, CertifyOptions? options = null, CancellationToken cancellation = default) =>
        Brackets(network, data, result, options, null, cancellation);

    /// <summary>The bracket of each sample, in L2 and in L∞, and in L1 where an attack searched in it.</summary>
    /// <param name="network">The attacked network, with its threshold.</param>
    /// <param name="data">The split.</param>
    /// <param name="result">The run on it.</param>
    /// <param name="options">The methods; null for the default ones.</param>
    /// <param name="progressed">Told how many of how many samples are done, one call at a time, by any thread; null for none.</param>
    /// <param name="cancellation">Ends the search, between two samples.</param>
    public static IReadOnlyList<MarginBracket> Brackets(
        Network network, Dataset data, SplitAttackResult result, CertifyOptions? options, Action<int, int>? progressed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(result);
        var certifier = new SampleCertifier(network, options ?? new CertifyOptions(), result.Attacked);
        IReadOnlyList<AttackNorm> norms = result.Norms;
        int attacked = certifier.Asked;
        int done = 0;
        var telling = new Lock();
        CertifiedRadius[]?[] radii = All(result.Samples.Take(attacked), (place, sample, label) => certifier.Radii(place, sample, label, norms));
        double[]?[]? leftOut = LeftOut();
        return
        [
            .. norms.Select((norm, k) => new MarginBracket(norm, [.. result.Samples.Select((_, i) => i < attacked ? radii[i]![k].Largest : (double?)null)], MarginBracket.FoundBy(result, norm))
            {
                NoCertificate = certifier.NoCertificate,
                LeftOut = leftOut is null || !ConstantDecides(k) ? null : [.. result.LeftOut.Select((sample, i) => new CertifiedSample(sample.Label, leftOut[i]?[k] ?? 0))],
            }),
        ];

        // Where a budget asks; those that reach no budget need no pass.
        double[]?[]? LeftOut() =>
            certifier.Lipschitz is { } lipschitz && result.LeftOut.Count > 0 && Enumerable.Range(0, norms.Count).Any(k => Smallest(norms[k]) is not null && ConstantDecides(k))
                ? All(result.LeftOut, (place, sample, label) => Reaches(lipschitz, Math.Abs(result.LeftOut[place].CleanScore)) ? lipschitz.Radii(sample, label, norms) : null)
                : null;

        bool Reaches(LipschitzCertificate lipschitz, float margin) => norms.Any(norm => lipschitz.Farthest(margin, norm) * (1 + Rounding) >= Smallest(norm));

        double? Smallest(AttackNorm norm) => result.Budgets().Where(budget => budget.Norm == norm).Select(static budget => (double?)budget.Epsilon).Min();

        // No other method certifies an attacked sample within a budget that the constant does not.
        bool ConstantDecides(int k) => radii.All(of => result.Budgets().All(budget => budget.Norm != norms[k] || of![k].Largest >= budget.Epsilon == of[k].ByConstant >= budget.Epsilon));

        T?[] All<T>(IEnumerable<AttackedSample> samples, Func<int, float[], int, T?> certify)
            where T : class
        {
            AttackedSample[] all = [.. samples];
            var found = new T?[all.Length];
            Parallel.For(0, all.Length, new ParallelOptions { CancellationToken = cancellation }, i =>
            {
                var sample = new float[data.SampleShape.Length];
                data.Sample(all[i].Index, sample);
                found[i] = certify(i, sample, all[i].Label);
                Tell();
            });
            return found;
        }

        void Tell()
        {
            if (progressed is not null)
            {
                lock (telling)
                {
                    done++;
                    progressed(done, attacked + (certifier.Lipschitz is null ? 0 : result.LeftOut.Count));
                }
            }
        }
    }
}
