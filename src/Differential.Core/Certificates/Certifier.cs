
using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;

namespace Differential.Core.Certificates;

/// <summary>Certifies the attacked samples of a run.</summary>
public static class Certifier
{
    private const double Work = 1e10;
    private const int MostSamples = 100;

    /// <summary>Evaluations of a bound that the search for one sample's radius takes, about.</summary>
    private const int Evaluations = 20;

    internal const double Tolerance = 0.01;

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
    /// <param name="progressed">Told how many of how many searches are done, one call at a time, by any thread; null for none.</param>
    /// <param name="cancellation">Ends the search, between two samples.</param>
    public static IReadOnlyList<MarginBracket> Brackets(
        Network network, Dataset data, SplitAttackResult result, CertifyOptions? options, Action<int, int>? progressed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(result);
        options ??= new CertifyOptions();
        string? reason = null;
        LipschitzCertificate? lipschitz = options.Methods.Contains(CertifyMethod.Lipschitz) && result.Attacked > 0 ? Supported(ref reason, () => new LipschitzCertificate(network, options.Arithmetic)) : null;
        BoundMethod[] methods = BoundsOf(options);
        int samples = methods.Length == 0 ? 0 : Math.Min(result.Attacked, options.Samples ?? Affordable(network, methods));
        LinearBounds? bounds = samples > 0 ? Supported(ref reason, () => new LinearBounds(network)) : null;
        int searches = 0;
        var telling = new Lock();
        int asked = options.Methods.Contains(CertifyMethod.Lipschitz) ? result.Attacked : samples;
        return [.. result.Norms.Select(norm => new MarginBracket(norm, Certified(norm), MarginBracket.FoundBy(result, norm)) { NoCertificate = lipschitz is null && bounds is null ? reason : null })];

        double?[] Certified(AttackNorm norm)
        {
            var certified = new double?[result.Attacked];
            Parallel.For(0, asked, new ParallelOptions { CancellationToken = cancellation }, i =>
            {
                var sample = new float[data.SampleShape.Length];
                data.Sample(result.Samples[i].Index, sample);
                int label = result.Samples[i].Label;
                double best = lipschitz?.Radius(sample, label, norm) ?? double.NaN;
                for (int method = 0; method < methods.Length && i < samples && bounds is not null; method++)
                {
                    best = Larger(best, bounds.Radius(sample, label, norm, methods[method], Tolerance, options.Arithmetic));
                }

                certified[i] = best;
                Tell();
            });
            return certified;
        }

        void Tell()
        {
            if (progressed is not null)
            {
                lock (telling)
                {
                    searches++;
                    progressed(searches, Math.Max(1, asked) * result.Norms.Count);
                }
            }
        }
    }

    /// <summary>The larger of two certificates: one that is not available hides no other.</summary>
    internal static double Larger(double known, double found) => double.IsNaN(known) || found > known ? found : known;

    /// <summary>Null where a layer of the network has no bounds; then the reason says which.</summary>
    private static T? Supported<T>(ref string? reason, Func<T> create)
        where T : class
    {
        try
        {
            return create();
        }
        catch (NotSupportedException exception)
        {
            reason = exception.Message;
            return null;
        }
    }

    /// <summary>The methods that bound layer after layer, each once.</summary>
    internal static BoundMethod[] BoundsOf(CertifyOptions options) => [.. options.Methods.Where(static method => method != CertifyMethod.Lipschitz).Select(Bound).Distinct()];

    private static BoundMethod Bound(CertifyMethod method) => method switch
    {
        CertifyMethod.Interval => BoundMethod.Interval,
        CertifyMethod.CrownInterval => BoundMethod.CrownInterval,
        CertifyMethod.Crown => BoundMethod.Crown,
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };

    /// <summary>Samples whose bounds take about <see cref="Work"/> multiply-adds in both norms.</summary>
    internal static int Affordable(Network network, BoundMethod[] methods)
    {
        // Forward through two boxes' ends, and backward.
        double pass = 3.0 * network.Architecture.Layers.Sum(layer => layer switch
        {
            ConvLayer => (double)layer.Output[0] * layer.Output[1] * network.EffectiveWeight(layer).Length,
            DenseLayer => network.EffectiveWeight(layer).Length,
            _ => 0,
        });
        double neurons = network.Architecture.Layers.Where(static layer => layer is not (ConvLayer or DenseLayer or FlattenLayer)).Sum(static layer => (double)layer.Output.Length);
        int rivals = Math.Max(1, network.Architecture.Scores - 1);
        double cost = methods.Sum(method => method == BoundMethod.Crown ? pass * Math.Max(rivals, neurons) : pass * rivals) * 2 * Evaluations;
        return (int)Math.Min(MostSamples, Work / Math.Max(cost, 1));
    }
}
