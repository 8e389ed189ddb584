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
        var certifier = new SampleCertifier(network, options, data.Count);
        var radii = new CertifiedRadius[]?[data.Count];
        Parallel.For(0, certifier.Asked, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            var sample = new float[data.SampleShape.Length];
            data.Sample(i, sample);
            radii[i] = certifier.Radii(i, sample, decisions[i], AttackNormNames.Common);
        });
        return AttackNormNames.Common.Select(static (norm, k) => (Norm: norm, Place: k))
            .ToDictionary(static of => of.Norm, of => (double?[])[.. radii.Select(radius => radius?[of.Place].Largest)]);
    }
}
