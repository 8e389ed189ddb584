using Differential.Core.Decisions;
using Differential.Core.Networks;

namespace Differential.Core.Certificates;

/// <summary>Certifies samples one by one, by every method that was asked for: any thread may ask.</summary>
internal sealed class SampleCertifier
{
    private const double Work = 1e10;
    private const int MostSamples = 100;

    /// <summary>Evaluations of a bound that the search for one sample's radius takes, about.</summary>
    private const int Evaluations = 20;

    private const double Tolerance = 1e-3;

    private readonly CertifyOptions _options;
    private readonly LinearBounds? _bounds;
    private readonly BoundMethod[] _methods;
    private readonly int _bounded;

    /// <param name="network">The network, with its thresholds.</param>
    /// <param name="options">The methods.</param>
    /// <param name="count">How many samples there are.</param>
    public SampleCertifier(Network network, CertifyOptions options, int count)
    {
        _options = options;
        bool isLipschitz = options.Methods.Contains(CertifyMethod.Lipschitz);
        _methods = [.. options.Methods.Where(static method => method != CertifyMethod.Lipschitz).Select(Bound).Distinct()];
        _bounded = _methods.Length == 0 ? 0 : Math.Min(count, options.Samples ?? Affordable(network, _methods));
        Lipschitz = isLipschitz && count > 0 ? Supported(() => new LipschitzCertificate(network, options.Arithmetic)) : null;
        _bounds = _bounded > 0 ? Supported(() => new LinearBounds(network)) : null;
        Asked = isLipschitz ? count : _bounded;
    }

    /// <summary>So many samples, the first ones, are asked for.</summary>
    public int Asked { get; }

    /// <summary>Why the network has no certificate; null where it has one, and where none was asked for.</summary>
    public string? NoCertificate => Lipschitz is null && _bounds is null ? Reason : null;

    /// <summary>The certificate that every sample has; null where it was not asked for or the network has none.</summary>
    public LipschitzCertificate? Lipschitz { get; }

    private string? Reason { get; set; }

    /// <summary>The radii of a sample, in each norm; not a number where the network has no certificate.</summary>
    /// <param name="place">The sample's place: the methods other than lipschitz are used on the first samples alone.</param>
    /// <param name="sample">As stored, channels last.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    /// <param name="norms">Of the distances.</param>
    public CertifiedRadius[] Radii(int place, ReadOnlySpan<float> sample, int label, IReadOnlyList<AttackNorm> norms)
    {
        double[]? byConstant = Lipschitz?.Radii(sample, label, norms);
        var radii = new CertifiedRadius[norms.Count];
        for (int i = 0; i < radii.Length; i++)
        {
            double constant = byConstant?[i] ?? double.NaN;
            double largest = constant;
            for (int method = 0; method < _methods.Length && place < _bounded && _bounds is not null; method++)
            {
                largest = Larger(largest, _bounds.Radius(sample, label, norms[i], _methods[method], Tolerance, _options.Arithmetic));
            }

            radii[i] = new CertifiedRadius(largest, constant);
        }

        return radii;
    }

    /// <summary>The larger of two certificates: one that is not available hides no other.</summary>
    internal static double Larger(double known, double found) => double.IsNaN(known) || found > known ? found : known;

    /// <summary>Null where a layer of the network has no bounds; then the reason says which.</summary>
    private T? Supported<T>(Func<T> create)
        where T : class
    {
        try
        {
            return create();
        }
        catch (NotSupportedException exception)
        {
            Reason = exception.Message;
            return null;
        }
    }

    private static BoundMethod Bound(CertifyMethod method) => method switch
    {
        CertifyMethod.Interval => BoundMethod.Interval,
        CertifyMethod.CrownInterval => BoundMethod.CrownInterval,
        CertifyMethod.Crown => BoundMethod.Crown,
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };

    /// <summary>Samples whose bounds take about <see cref="Work"/> multiply-adds in both norms.</summary>
    private static int Affordable(Network network, BoundMethod[] methods)
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

/// <summary>A sample's certified radius.</summary>
/// <param name="Largest">Of all methods.</param>
/// <param name="ByConstant">By the Lipschitz constant alone.</param>
internal readonly record struct CertifiedRadius(double Largest, double ByConstant);
