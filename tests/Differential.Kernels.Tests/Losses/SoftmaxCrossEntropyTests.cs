using Differential.Kernels.Devices;
using Differential.Kernels.Losses;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Losses;

public class SoftmaxCrossEntropyTests
{
    public static TheoryData<string, (int Classes, int Count)> Rows =>
        TestDevices.With(from classes in (int[])[2, 3, 10] from count in (int[])[1, 3, 17, 443] select (classes, count));

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Compute_ScoresOfAnySpread_AgreesWithEachSampleInDouble(string deviceName, (int Classes, int Count) size)
    {
        (int classes, int count) = size;
        const double Temperature = 2;
        const double Margin = 0.25;
        double[] weights = [.. Enumerable.Range(0, classes).Select(k => count == 17 ? 0.5 * (k % 4) : 1)];
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using SoftmaxCrossEntropy operation = SoftmaxCrossEntropy.Create(device, classes, count, Temperature, Margin, [.. weights.Select(weight => (float)weight)]);
        using Tensor<float> labels = device.Tensor(Labels(classes, count));
        using Tensor<float> dScores = device.Unset(count * classes);
        using Tensor<float> loss = device.Unset(1);
        foreach (double spread in (double[])[1e-3, 1, 10, 1e3])
        {
            float[] values = Numbers.Normal(5, count * classes, spread);
            using Tensor<float> scores = device.Tensor(values);
            operation.Compute(scores, labels, dScores, loss, count);
            double mean = 0;
            var gradient = new double[values.Length];
            for (int i = 0; i < count; i++)
            {
                int own = Label(classes, i);
                double[] exponents = [.. Enumerable.Range(0, classes).Select(k => k == own ? 0 : -Temperature * ((double)values[(i * classes) + own] - values[(i * classes) + k] - Margin))];
                double largest = exponents.Max();
                double sum = exponents.Sum(exponent => Math.Exp(exponent - largest));
                mean += weights[own] * (largest + Math.Log(sum)) / count;
                for (int k = 0; k < classes; k++)
                {
                    double share = Math.Exp(exponents[k] - largest) / sum;
                    gradient[(i * classes) + k] = weights[own] * Temperature * (k == own ? -exponents.Where((_, other) => other != own).Sum(exponent => Math.Exp(exponent - largest) / sum) : share) / count;
                }
            }

            Numbers.AssertClose([mean], loss, 1e-5, 1e-37, "loss");

            // An exponent of −80 is off by its rounding, 5·10⁻⁶, in float32.
            Numbers.AssertClose(gradient, dScores, 2e-5, 1e-37, "gradient");
        }
    }

    public static TheoryData<string, (float[] Scores, float Loss)> Extremes => TestDevices.With<(float[] Scores, float Loss)>(
    [
        ([float.NegativeInfinity, 0, 1], float.NaN),
        ([0, float.PositiveInfinity, 1], float.NaN),
        ([float.PositiveInfinity, 0, 1], float.NaN),
        ([-3e38f, 3e38f, 0], float.PositiveInfinity),
        ([3e38f, -3e38f, 0], 0),
    ]);

    [SkippableTheory]
    [MemberData(nameof(Extremes))]
    public void Compute_ScoresBeyondRange_AreNotHidden(string deviceName, (float[] Scores, float Loss) row)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using SoftmaxCrossEntropy operation = SoftmaxCrossEntropy.Create(device, 3, 1);
        using Tensor<float> scores = device.Tensor(row.Scores);
        using Tensor<float> labels = device.Tensor([1, -1, -1]);
        using Tensor<float> dScores = device.Unset(3);
        using Tensor<float> loss = device.Unset(1);
        operation.Compute(scores, labels, dScores, loss, 1);
        Assert.Equal(row.Loss, loss.ToArray()[0]);
        Assert.All(dScores.ToArray(), slope => Assert.Equal(float.IsNaN(row.Loss), float.IsNaN(slope)));
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Compute_NaNScore_GivesNaNLossAndItsSamplesNaNGradient(string deviceName, (int Classes, int Count) size)
    {
        (int classes, int count) = size;
        int sample = count / 2;
        float[] values = Numbers.Normal(5, count * classes);
        values[(sample * classes) + (count % classes)] = float.NaN;
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using SoftmaxCrossEntropy operation = SoftmaxCrossEntropy.Create(device, classes, count);
        using Tensor<float> scores = device.Tensor(values);
        using Tensor<float> labels = device.Tensor(Labels(classes, count));
        using Tensor<float> dScores = device.Unset(count * classes);
        using Tensor<float> loss = device.Unset(1);
        operation.Compute(scores, labels, dScores, loss, count);
        Assert.True(float.IsNaN(loss.ToArray()[0]));
        Assert.All(dScores.ToArray(), (slope, i) => Assert.Equal(i / classes == sample, float.IsNaN(slope)));
    }

    private static float[] Labels(int classes, int count) =>
        [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, classes).Select(k => k == Label(classes, i) ? 1f : -1f))];

    private static int Label(int classes, int sample) => sample * 7 % classes;
}
