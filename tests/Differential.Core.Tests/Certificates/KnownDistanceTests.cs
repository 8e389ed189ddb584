using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Certificates;

/// <summary>Certificates of networks whose exact distances are known, where large numbers cancel or squares overflow.</summary>
public sealed class KnownDistanceTests : IDisposable
{
    private readonly SimdDevice _device = new(threads: 1);

    public static TheoryData<float, float, float, double, double> Lines => new()
    {
        // Weights, minus the threshold, the points' centre and their deviation.
        { 0.7f, -0.3f, -0.4e5f, 1e5, 0.2 },
        { 0.7f, -0.3f, -0.4e-1f, 1e-1, 2e-7 },
        { 0.7f, -0.3f, 0, 0, 1e-6 },
        { 0.7f, -0.3f, 0, 0, 1e6 },
        { 1e20f, 1e20f, 0, 0, 1 },
        { 1e-20f, 1e-20f, 0, 0, 1 },
        { 1e-20f, 1e20f, 0, 0, 1e-6 },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void ALine_FarOutOrOfAnySlope_IsCertifiedUpToItsExactDistance(float a, float b, float bias, double center, double deviation)
    {
        using Network network = Linear([a, b], bias);
        var random = new RandomStream(3, "points");
        (int certified, int points) = (0, 0);
        for (int i = 0; i < 400; i++)
        {
            float[] x = [(float)(center + (deviation * random.NextNormal())), (float)(center + (deviation * random.NextNormal()))];
            double exact = ((double)a * x[0]) + ((double)b * x[1]) + bias;
            int label = exact > 0 ? 1 : -1;
            foreach ((string method, AttackNorm norm, double radius) in Certificates(network, x, label))
            {
                double distance = Math.Abs(exact) / Dual([a, b], norm);
                Assert.True(radius <= distance * (1 + 1e-12), $"{method}: {radius} of {distance} in {norm} is certified at {x[0]:R}, {x[1]:R}");
                certified += radius > 0.5 * distance ? 1 : 0;
                points++;
            }
        }

        // At 10⁵ float32 itself cannot tell the nearest points' decisions.
        Assert.True(certified > 0.7 * points, $"{certified} of {points} certificates are above half of the exact distance");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1000)]
    public void TwoRowsThatCancel_WithinTheUnitBox_AreCertifiedBelowTheExactDistance(float size)
    {
        const int Length = 64;
        var random = new RandomStream(4, "rows", (long)size);
        for (int test = 0; test < 100; test++)
        {
            float[] first = [.. Enumerable.Range(0, Length).Select(_ => size)];
            float[] second = [.. first.Select(value => (float)(value - (0.1 * random.NextNormal())))];
            using var network = new Network(_device, NetworkArchitecture.Create(new Shape(Length), [new DenseOptions { Units = 2 }, new ReluOptions(), new DenseOptions { Units = 1 }]), InputNormalization.None(new Shape(Length)));
            network.SetParameters([.. first, .. second, 0, 0, 1, -1, 0]);
            float[] x = [.. Enumerable.Range(0, Length).Select(_ => (float)random.NextDouble())];

            // Both units are positive far beyond the boundary: there the score is the difference of the rows, which float64 sums exactly enough.
            double[] difference = [.. first.Zip(second, static (a, b) => (double)a - b)];
            double score = difference.Zip(x, static (d, value) => d * value).Sum();
            foreach ((string method, AttackNorm norm, double radius) in Certificates(network, x, score > 0 ? 1 : -1))
            {
                double distance = Math.Abs(score) / Dual(difference, norm);
                Assert.True(radius <= distance * (1 + 1e-12), $"{method}: {radius} of {distance} in {norm} is certified");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void ALevelScore_IsCertifiedToZero(int label)
    {
        using Network network = Linear([1, -1], 0);
        Assert.All(Certificates(network, [3, 3], label), static certificate => Assert.Equal(0, certificate.Radius));
    }

    [Fact]
    public void AConstantScore_IsCertifiedToInfinity()
    {
        using Network network = Linear([0, 0], 2);
        Assert.All(Certificates(network, [3, 3], 1), static certificate => Assert.Equal(double.PositiveInfinity, certificate.Radius));
        Assert.All(Certificates(network, [3, 3], -1), static certificate => Assert.Equal(0, certificate.Radius));
    }

    [Fact]
    public void AScoreBeyondFloat32_HasNoCertificate()
    {
        using Network network = Linear([1e30f, 1e30f], 0);
        Assert.All(Certificates(network, [1e20f, 1e20f], 1), static certificate => Assert.Equal(double.NaN, certificate.Radius));
    }

    [Theory]
    [InlineData(double.NaN, 1.5, 1.5)]
    [InlineData(1.5, double.NaN, 1.5)]
    [InlineData(1.5, double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData(double.NaN, double.NaN, double.NaN)]
    public void TheLargerOfTwoCertificates_IsNeverHidden(double known, double found, double expected) =>
        Assert.Equal(expected, SampleCertifier.Larger(known, found));

    [Fact]
    public void Brackets_OfPartOfTheSamples_TellNotAskedFromNotAvailable()
    {
        using Network network = Linear([1e20f, 1e20f], 0);
        Dataset data = Dataset.OfPoints(2, [1, 1, 1], [0.5f, 0.5f, 0.25f, 0.5f, 1, 1]);
        using NetworkPlan plan = network.Plan(3, PlanPurpose.Attack);
        var run = new AttackRunOptions { Attacks = [new DeepFoolOptions()] };
        SplitAttackResult result = AttackRunner.Run(plan, data, run, null, CancellationToken.None);
        foreach (CertifyMethod[] methods in new CertifyMethod[][] { [CertifyMethod.Interval], [CertifyMethod.Lipschitz, CertifyMethod.Interval], [CertifyMethod.Interval, CertifyMethod.Lipschitz] })
        {
            MarginBracket bracket = Certifier.Brackets(network, data, result, new CertifyOptions { Methods = methods, Samples = 2 }, CancellationToken.None)[0];
            for (int i = 0; i < 3; i++)
            {
                double exact = (data.Features![2 * result.Samples[i].Index] + data.Features[(2 * result.Samples[i].Index) + 1]) / Math.Sqrt(2);
                bool asked = i < 2 || methods.Contains(CertifyMethod.Lipschitz);
                Assert.Equal(asked, bracket.Certified[i] is not null);
                Assert.InRange(bracket.Certified[i] ?? exact, 0.98 * exact, exact);
            }
        }
    }

    [Fact]
    public void CertifiedSummary_OfEachKind_CountsThemApart()
    {
        CertifiedSummary summary = CertifiedSummary.From([null, double.NaN, double.PositiveInfinity, 1, 3])!;
        Assert.Equal((4, 1, 1), (summary.Asked, summary.NotAvailable, summary.Infinite));
        Assert.Equal((3.0, 2.0), (summary.Median, summary.Mean));
        Assert.Null(summary.P95);
        Assert.Null(CertifiedSummary.From([null, null]));
    }

    public void Dispose() => _device.Dispose();

    private Network Linear(float[] weight, float bias)
    {
        var shape = new Shape(weight.Length);
        var network = new Network(_device, NetworkArchitecture.Create(shape, [new DenseOptions { Units = 1 }]), InputNormalization.None(shape));
        network.SetParameters([.. weight, bias]);
        return network;
    }

    private static double Dual(double[] slope, AttackNorm norm) => norm switch
    {
        AttackNorm.L2 => Math.Sqrt(slope.Sum(static value => value * value)),
        AttackNorm.Linf => slope.Sum(Math.Abs),
        _ => slope.Max(Math.Abs),
    };

    private static IEnumerable<(string Method, AttackNorm Norm, double Radius)> Certificates(Network network, float[] sample, int label)
    {
        var lipschitz = new LipschitzCertificate(network);
        var bounds = new LinearBounds(network);
        foreach (AttackNorm norm in Enum.GetValues<AttackNorm>())
        {
            yield return ("lipschitz", norm, lipschitz.Radius(sample, label, norm));
            foreach (BoundMethod method in Enum.GetValues<BoundMethod>())
            {
                yield return (method.ToString(), norm, bounds.Radius(sample, label, norm, method));
            }
        }
    }
}
