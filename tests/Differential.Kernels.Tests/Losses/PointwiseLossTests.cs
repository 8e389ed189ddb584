using Differential.Kernels.Devices;
using Differential.Kernels.Losses;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Losses;

public class PointwiseLossTests
{
    public static TheoryData<string, (Surrogate Surrogate, int Count)> Rows =>
        TestDevices.With(from surrogate in Enum.GetValues<Surrogate>() from count in (int[])[1, 3, 15, 16, 17, 443, 10_007] select (surrogate, count));

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Compute_ScoresOfAnySpread_AgreesWithEachSampleInDouble(string deviceName, (Surrogate Surrogate, int Count) size)
    {
        (Surrogate surrogate, int count) = size;
        float[] signs = [.. Enumerable.Range(0, count).Select(i => i * 7 % 3 == 0 ? 1f : -1f)];
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using PointwiseLoss operation = PointwiseLoss.Create(device, surrogate, count, temperature: 2, margin: 0.25f);
        using Tensor<float> labels = device.Tensor(signs);
        using Tensor<float> dScores = device.Unset(count);
        using Tensor<float> loss = device.Unset(1);
        foreach (double spread in (double[])[1e-3, 1, 10, 1e4])
        {
            float[] values = [.. Numbers.Normal(5, count, spread).Select(v => Math.Clamp(v, -1e4f, 1e4f))];
            using Tensor<float> scores = device.Tensor(values);
            operation.Compute(scores, labels, dScores, loss, count);
            (double Value, double Slope)[] terms = [.. values.Select((s, i) => ReferenceSurrogate.At(surrogate, 2 * (((double)signs[i] * s) - 0.25)))];
            double[] gradient = [.. terms.Select((t, i) => 2 * signs[i] * Saturated(t.Slope) / count)];

            // Terms of the linear one cancel.
            double absolute = surrogate == Surrogate.Linear ? 1e-6 * terms.Average(t => Math.Abs(t.Value)) : 1.5e-38;
            Numbers.AssertClose([terms.Sum(t => Saturated(t.Value) / count)], loss, 1e-5, absolute, "loss");
            Numbers.AssertClose(gradient.Select(Saturated), dScores, 1e-5, surrogate == Surrogate.Squared ? 1e-6 * gradient.Max(Math.Abs) : 1.5e-38, "gradient");
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Compute_Gradient_IsTheLossesDifferenceQuotient(string deviceName, (Surrogate Surrogate, int Count) size)
    {
        const float Step = 0.0078125f;
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using PointwiseLoss operation = PointwiseLoss.Create(device, size.Surrogate, 1);
        using Tensor<float> label = device.Tensor(-1f);
        using Tensor<float> dScore = device.Unset(1);
        using Tensor<float> loss = device.Unset(1);
        float score = (size.Count % 7 * 0.3f) - 0.8f;
        float above = Loss(score + Step);
        float below = Loss(score - Step);
        Loss(score);
        double quotient = ((double)above - below) / (2 * Step);
        Assert.InRange(dScore.ToArray()[0], quotient - 1e-3, quotient + 1e-3);

        float Loss(float value)
        {
            using Tensor<float> tensor = device.Tensor(value);
            operation.Compute(tensor, label, dScore, loss, 1);
            return loss.ToArray()[0];
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Compute_NaNScore_GivesNaNLossAndItsOwnNaNGradient(string deviceName, (Surrogate Surrogate, int Count) size)
    {
        float[] values = Numbers.Normal(5, size.Count);
        values[size.Count / 2] = float.NaN;
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using PointwiseLoss operation = PointwiseLoss.Create(device, size.Surrogate, size.Count);
        using Tensor<float> scores = device.Tensor(values);
        using Tensor<float> labels = device.Allocate(new Shape(size.Count));
        labels.Fill(1);
        using Tensor<float> dScores = device.Unset(size.Count);
        using Tensor<float> loss = device.Unset(1);
        operation.Compute(scores, labels, dScores, loss, size.Count);
        Assert.True(float.IsNaN(loss.ToArray()[0]));
        float[] gradient = dScores.ToArray();
        Assert.Equal([size.Count / 2], Enumerable.Range(0, size.Count).Where(i => float.IsNaN(gradient[i])));
    }

    public static TheoryData<string, int> Weighted => TestDevices.With((int[])[1, 3]);

    /// <summary>Weights 0.5, 3 and 0 of the samples' classes, of one score and of three.</summary>
    [SkippableTheory]
    [MemberData(nameof(Weighted))]
    public void Compute_ClassWeights_MultiplyEachSamplesTerms(string deviceName, int perSample)
    {
        const int Samples = 29;
        float[] weights = perSample == 1 ? [0.5f, 3] : [0.5f, 3, 0];
        int[] classes = [.. Enumerable.Range(0, Samples).Select(i => i * 7 % weights.Length)];
        float[] signs = [.. classes.SelectMany(own => Enumerable.Range(0, perSample).Select(k => perSample == 1 ? 1f - (2 * own) : k == own ? 1f : -1f))];
        float[] values = Numbers.Normal(5, signs.Length, 2);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using PointwiseLoss operation = PointwiseLoss.Create(device, new PointwiseForm(Surrogate.Logistic, 2, 0.25f, perSample, weights), signs.Length);
        using Tensor<float> scores = device.Tensor(values);
        using Tensor<float> labels = device.Tensor(signs);
        using Tensor<float> dScores = device.Unset(signs.Length);
        using Tensor<float> loss = device.Unset(1);
        operation.Compute(scores, labels, dScores, loss, signs.Length);
        (double Value, double Slope)[] terms = [.. values.Select((s, i) => ReferenceSurrogate.At(Surrogate.Logistic, 2 * (((double)signs[i] * s) - 0.25)))];
        Numbers.AssertClose([terms.Select((t, i) => weights[classes[i / perSample]] * t.Value).Average()], loss, 1e-5, 1.5e-38, "loss");
        Numbers.AssertClose([.. terms.Select((t, i) => 2 * signs[i] * weights[classes[i / perSample]] * t.Slope / signs.Length)], dScores, 1e-5, 1.5e-38, "gradient");
    }

    [Theory]
    [InlineData(1, new[] { 1f })]
    [InlineData(1, new[] { 1f, -1f })]
    [InlineData(3, new[] { 1f, 2f })]
    [InlineData(1, new[] { 1f, float.NaN })]
    public void Create_WrongClassWeights_Throws(int perSample, float[] weights)
    {
        using var device = new SimdDevice(threads: 1);
        Assert.Throws<ArgumentException>(() => PointwiseLoss.Create(device, new PointwiseForm(Surrogate.Hinge, Scores: perSample, ClassWeights: weights), 6));
    }

    private static double Saturated(double value) => Math.Clamp(value, -float.MaxValue, float.MaxValue);
}
