using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;

namespace Differential.Core.Certificates;

/// <summary>Certified radii of a network's own decisions, whatever the samples' classes.</summary>
internal static class DecisionCertificates
{
    /// <summary>
    /// For L2 and L∞ and each sample a distance within which no input is decided otherwise: ∞ where none is at all, not a number where the network
    /// has no certificate, null where none was asked for (the methods other than lipschitz are used on the first samples alone).
    /// </summary>
    /// <param name="network">The network, with its thresholds.</param>
    /// <param name="data">The samples.</param>
    /// <param name="decisions">+1 or −1 for each, of several scores the class.</param>
    /// <param name="options">The methods.</param>
    /// <param name="cancellation">Ends the search, between two samples.</param>
    public static IReadOnlyDictionary<AttackNorm, double?[]> Radii(
        Network network, Dataset data, IReadOnlyList<int> decisions, CertifyOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(decisions);
        ArgumentNullException.ThrowIfNull(options);
        bool isAsked = options.Methods.Contains(CertifyMethod.Lipschitz);
        LipschitzCertificate? lipschitz = isAsked ? Supported(() => new LipschitzCertificate(network, options.Arithmetic)) : null;
        BoundMethod[] methods = Certifier.BoundsOf(options);
        int bounded = methods.Length == 0 ? 0 : Math.Min(data.Count, options.Samples ?? Certifier.Affordable(network, methods));
        LinearBounds? bounds = bounded > 0 ? Supported(() => new LinearBounds(network)) : null;
        int asked = isAsked ? data.Count : bounded;
        return AttackNormNames.Common.ToDictionary(norm => norm, norm =>
        {
            var radii = new double?[data.Count];
            Parallel.For(0, asked, new ParallelOptions { CancellationToken = cancellation }, i =>
            {
                var sample = new float[data.SampleShape.Length];
                data.Sample(i, sample);
                double best = lipschitz?.Radius(sample, decisions[i], norm) ?? double.NaN;
                for (int method = 0; method < methods.Length && i < bounded && bounds is not null; method++)
                {
                    best = Certifier.Larger(best, bounds.Radius(sample, decisions[i], norm, methods[method], Certifier.Tolerance, options.Arithmetic));
                }

                radii[i] = best;
            });
            return radii;
        });
    }

    private static T? Supported<T>(Func<T> create)
        where T : class
    {
        try
        {
            return create();
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }
}
