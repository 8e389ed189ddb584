using Differential.Core.Losses;
using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Tests.Losses;

/// <summary>Losses of several classes against sums over all pairs in double precision, and against finite differences.</summary>
public sealed class ClassLossTests : IDisposable
{
    private const int Classes = 3;

    private static readonly int[] Labels = [2, 0, 1, 1, 0, 2, 1, 0, 1];

    private readonly SimdDevice _device = new(threads: 2);

    public static TheoryData<LossOptions> Losses =>
    [
        new DifferentialOptions(),
        new DifferentialOptions { Surrogate = Surrogate.Squared },
        new DifferentialOptions { Surrogate = Surrogate.Hinge },
        new DifferentialOptions { Surrogate = Surrogate.Exponential },
        new DifferentialOptions { Temperature = 2.5, Margin = 0.3 },
        new CrossEntropyOptions(),
        new CrossEntropyOptions { Temperature = 2.5, Margin = 0.3 },
        new SquaredErrorOptions(),
        new HingeOptions(),
    ];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Compute_OfEachLoss_IsTheSumOverAllPairsAndItsDerivatives(LossOptions options)
    {
        var random = new RandomStream(4, "scores");
        double[] scores = [.. Enumerable.Range(0, Labels.Length * Classes).Select(_ => (double)(float)(1.5 * random.NextNormal()))];
        using Loss loss = options.CreateLoss(_device, Labels.Length + 5, Classes);
        using Tensor<float> values = _device.Allocate(new Shape(scores.Length), [.. scores.Select(score => (float)score)]);
        using Tensor<float> labels = _device.Allocate(new Shape(scores.Length), OneVsRest());
        using Tensor<float> slopes = _device.Allocate(new Shape(scores.Length));
        using Tensor<float> mean = _device.Allocate(new Shape(1));
        loss.Compute(values, labels, slopes, mean, Labels.Length);

        Assert.Equal(Value(options, scores), mean.ToArray()[0], 2e-6 * (1 + Value(options, scores)));
        float[] found = slopes.ToArray();
        for (int i = 0; i < scores.Length; i++)
        {
            const double step = 1e-6;
            double at = scores[i];
            scores[i] = at + step;
            double above = Value(options, scores);
            scores[i] = at - step;
            double below = Value(options, scores);
            scores[i] = at;
            Assert.Equal((above - below) / (2 * step), found[i], 2e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Gradients_ThroughANetwork_AsFiniteDifferences(LossOptions options) => LossGradientCheck.ThroughANetwork(_device, options, OneVsRest(), Classes);

    [Fact]
    public void Create_MatchedPairsOfThreeClasses_IsRefused() =>
        Assert.Throws<NotSupportedException>(() => new DifferentialOptions { Pairs = PairSelection.Matched }.CreateLoss(_device, 8, 3));

    public void Dispose() => _device.Dispose();

    private static float[] OneVsRest() => [.. Labels.SelectMany(label => Enumerable.Range(0, Classes).Select(k => k == label ? 1f : -1f))];

    private static double Value(LossOptions options, double[] scores)
    {
        int count = Labels.Length;
        return options switch
        {
            DifferentialOptions pairs => Enumerable.Range(0, Classes).Average(a => Own(a).Average(i => Others(a).Average(j => Pair(pairs, Score(i, a) - Score(j, a))))),
            CrossEntropyOptions entropy => Enumerable.Range(0, count).Average(i => Softmax(entropy, i)),
            SquaredErrorOptions => Enumerable.Range(0, count).Average(i => Enumerable.Range(0, Classes).Average(k => Math.Pow(Sign(i, k) - Score(i, k), 2))),
            _ => Enumerable.Range(0, count).Average(i => Enumerable.Range(0, Classes).Average(k => Math.Max(0, 1 - (Sign(i, k) * Score(i, k))))),
        };

        double Score(int i, int k) => scores[(i * Classes) + k];

        double Sign(int i, int k) => Labels[i] == k ? 1 : -1;

        IEnumerable<int> Own(int a) => Enumerable.Range(0, count).Where(i => Labels[i] == a);

        IEnumerable<int> Others(int a) => Enumerable.Range(0, count).Where(i => Labels[i] != a);

        double Softmax(CrossEntropyOptions entropy, int i) => Math.Log(1 + Enumerable.Range(0, Classes).Where(k => k != Labels[i])
            .Sum(k => Math.Exp(-entropy.Temperature * (Score(i, Labels[i]) - Score(i, k) - entropy.Margin))));
    }

    private static double Pair(DifferentialOptions options, double difference)
    {
        double d = options.Temperature * (difference - (2 * options.Margin));
        return options.Surrogate switch
        {
            Surrogate.Logistic => Math.Log(1 + Math.Exp(-d)),
            Surrogate.Squared => (1 - d) * (1 - d),
            Surrogate.Hinge => Math.Max(0, 1 - d),
            _ => Math.Exp(-d),
        };
    }
}
