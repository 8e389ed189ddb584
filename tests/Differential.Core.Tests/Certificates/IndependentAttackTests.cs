using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Tests.Training;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Certificates;

/// <summary>
/// Adversarial inputs of an attack that shares no code with the program's, on trained networks: none violates a certificate. It descends the margin in float64
/// through a network of its own, decides flips there, and bisects back to the boundary.
/// </summary>
public sealed class IndependentAttackTests
{
    private const int Steps = 12;
    private const int Halvings = 40;

    public static TheoryData<string> Networks => ["points", "images", "classes", "lipschitz"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void AdversarialInputs_OfAnotherAttack_LieBeyondEachCertificate(string kind)
    {
        (DataSplits data, IReadOnlyList<LayerOptions> layers) = kind switch
        {
            "points" => (ToyData.Points(20), (IReadOnlyList<LayerOptions>)[new DenseOptions { Units = 8 }, new ReluOptions(), new DenseOptions { Units = 1 }]),
            "classes" => (ClassToyData.Images([20, 20, 20]), ClassToyData.Layers),
            "lipschitz" => (ToyData.Images(), [new ConvOptions { Filters = 4, Padding = 1, Lipschitz = true }, new MaxMinOptions(), new FlattenOptions(), new DenseOptions { Units = 8, Lipschitz = true }, new MaxMinOptions(), new DenseOptions { Units = 1, Lipschitz = true }]),
            _ => (ToyData.Images(), ToyTraining.Layers),
        };
        using var device = new SimdDevice(threads: 2);
        using Network network = ToyTraining.CreateNetwork(device, data, layers);
        using var observer = new RecordingObserver();
        Trainer.Run(network, data, ToyTraining.Options, null, observer, observer.Token);
        var reference = new ReferenceNetwork(network);
        var lipschitz = new LipschitzCertificate(network);
        var bounds = new LinearBounds(network);
        (int flips, int close) = (0, 0);
        var sample = new float[data.Test.SampleShape.Length];
        for (int index = 0; index < Math.Min(data.Test.Count, 12); index++)
        {
            data.Test.Sample(index, sample);
            int label = data.Test.Labels[index];
            foreach (AttackNorm norm in AttackNormNames.Common)
            {
                if (Attack(reference, sample, label, norm) is not { } adversarial)
                {
                    continue;
                }

                double[] offset = [.. adversarial.Zip(sample, static (a, b) => a - b)];
                double distance = norm == AttackNorm.Linf ? offset.Max(Math.Abs) : Math.Sqrt(offset.Sum(static value => value * value));
                double best = lipschitz.Radius(sample, label, norm);
                Assert.True(best <= distance, $"sample {index}, {norm}: lipschitz certifies {best}, a flip lies at {distance}");
                foreach (BoundMethod method in Enum.GetValues<BoundMethod>())
                {
                    double radius = bounds.Radius(sample, label, norm, method);
                    Assert.True(radius <= distance, $"sample {index}, {norm}: {method} certifies {radius}, a flip lies at {distance}");
                    best = Math.Max(best, radius);
                }

                flips++;
                close += best > 0.3 * distance ? 1 : 0;
            }
        }

        // The attack finds flips, and near ones, or the above says little.
        Assert.True(flips >= 12 && close > 0.5 * flips, $"{flips} flips, {close} within thrice the certificate");
    }

    /// <summary>Steps to the linearised boundary and a little beyond, until a flip; from there back by bisection. Null where the sample is misclassified or no flip is found.</summary>
    private static double[]? Attack(ReferenceNetwork network, float[] sample, int label, AttackNorm norm)
    {
        double[] clean = [.. sample.Select(static value => (double)value)];
        if (!(Margin(network, clean, label).Value > 0))
        {
            return null;
        }

        double[] x = [.. clean];
        for (int step = 0; step < Steps; step++)
        {
            (double margin, double[] slope) = Margin(network, x, label);
            double length = Math.Sqrt(slope.Sum(static value => value * value));
            double dual = norm == AttackNorm.Linf ? slope.Sum(Math.Abs) : length;
            if (margin <= 0 || dual == 0)
            {
                break;
            }

            double move = 1.1 * margin / dual;
            x = [.. x.Zip(slope, (value, s) => value - (move * (norm == AttackNorm.Linf ? Math.Sign(s) : s / length)))];
        }

        if (Margin(network, x, label).Value > 0)
        {
            return null;
        }

        (double low, double high) = (0, 1);
        for (int halving = 0; halving < Halvings; halving++)
        {
            double middle = (low + high) / 2;
            (low, high) = Margin(network, Between(middle), label).Value > 0 ? (middle, high) : (low, middle);
        }

        return Between(high);

        double[] Between(double share) => [.. clean.Zip(x, (from, to) => from + (share * (to - from)))];
    }

    /// <summary>The smallest margin of the label over another decision, with its gradient, in float64.</summary>
    private static (double Value, double[] Gradient) Margin(ReferenceNetwork network, double[] x, int label)
    {
        var numbers = new GradientNumbers(x.Length);
        (double Value, double[] Gradient)[] scores = network.Scores(numbers, [.. x.Select((value, i) => numbers.Input(value, i))]);
        return scores.Length == 1
            ? numbers.Multiply(scores[0], numbers.Of(label))
            : scores.Where((_, other) => other != label).Select(score => numbers.Subtract(scores[label], score)).MinBy(static margin => margin.Value);
    }
}
