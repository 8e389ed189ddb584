using Differential.Core.Losses;
using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Tests.Losses;

/// <summary>Losses of several classes against sums over all pairs in double precision, and against finite differences.</summary>
public sealed class ClassLossTests : IDisposable
{
    private const int Classes = 3;

    private static readonly int[] Labels = [2, 0, 1, 1, 0, 2, 1, 0, 1];

    /// <summary>Of a training set that is uneven in another way than the batch.</summary>
    private static readonly int[] Counts = [1, 2, 7];

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
        new DifferentialOptions { Surrogate = Surrogate.Linear, Temperature = 2.5, Margin = 0.3 },
        new HkrOptions { Weight = 3, Margin = 0.7, ClassWeights = new([0.5, 2, 1]) },
        new CrossEntropyOptions { Temperature = 2.5, Margin = 0.3, ClassWeights = ClassWeights.Equal },
        new SquaredErrorOptions { ClassWeights = new([0.25, 3, 0]) },
        new HingeOptions { ClassWeights = ClassWeights.Equal },
    ];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Compute_OfEachLoss_IsTheSumOverAllPairsAndItsDerivatives(LossOptions options)
    {
        var random = new RandomStream(4, "scores");
        double[] scores = [.. Enumerable.Range(0, Labels.Length * Classes).Select(_ => (double)(float)(1.5 * random.NextNormal()))];
        using Loss loss = options.CreateLoss(_device, Labels.Length + 5, Classes, Counts);
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
            CrossEntropyOptions entropy => Enumerable.Range(0, count).Average(i => Weight(i) * Softmax(entropy, i)),
            SquaredErrorOptions => Enumerable.Range(0, count).Average(i => Weight(i) * Enumerable.Range(0, Classes).Average(k => Math.Pow(Sign(i, k) - Score(i, k), 2))),
            HkrOptions hkr => Value(new DifferentialOptions { Surrogate = Surrogate.Linear }, scores) + (hkr.Weight * Hinge(hkr.Margin)),
            _ => Hinge(1),
        };

        double Hinge(double margin) => Enumerable.Range(0, count).Average(i => Weight(i) * Enumerable.Range(0, Classes).Average(k => Math.Max(0, margin - (Sign(i, k) * Score(i, k)))));

        double Weight(int i) => (options as PointwiseLossOptions)?.ClassWeights is not { } weights ? 1
            : weights.Numbers is { } numbers ? numbers[Labels[i]]
            : Counts.Sum() / (3.0 * Counts[Labels[i]]);

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
            Surrogate.Linear => -d,
            _ => Math.Exp(-d),
        };
    }
}
