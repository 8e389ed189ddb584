using Differential.Kernels.Devices;
using Differential.Kernels.Losses;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Losses;

public class PairwiseDifferenceTests
{
    public static TheoryData<string, PairwiseForm, (int Positives, int Negatives)> Rows
    {
        get
        {
            (int Positives, int Negatives)[] sizes = [(1, 1), (1, 443), (17, 1), (15, 16), (64, 64), (131, 300), (300, 700)];
            var rows = new TheoryData<string, PairwiseForm, (int Positives, int Negatives)>();
            foreach (string device in TestDevices.Names)
            {
                foreach (Surrogate surrogate in Enum.GetValues<Surrogate>())
                {
                    // The simulator starts a thread for each simulated one: small sizes only.
                    foreach ((int Positives, int Negatives) size in sizes.Where(s => device != "ilgpu-cpu" || s.Positives * s.Negatives < 400))
                    {
                        rows.Add(device, new PairwiseForm(surrogate, PairSelection.All, 1.5f, 0.25f), size);
                    }

                    rows.Add(device, new PairwiseForm(surrogate, PairSelection.All), (64, 64));
                    rows.Add(device, new PairwiseForm(surrogate, PairSelection.Matched, 2, 0.5f), (17, 40));
                }
            }

            return rows;
        }
    }

    /// <summary>Devices, forms, sizes, and the scores' smallest magnitude; the largest is 80.</summary>
    public static TheoryData<string, PairwiseForm, (int Positives, int Negatives), float> LargeRows
    {
        get
        {
            var rows = new TheoryData<string, PairwiseForm, (int Positives, int Negatives), float>();
            foreach (string device in TestDevices.Names)
            {
                rows.Add(device, new PairwiseForm(Surrogate.Exponential, PairSelection.All, 0.57f), (15, 16), 60);
                rows.Add(device, new PairwiseForm(Surrogate.Exponential, PairSelection.All, 0.54f, 4), (64, 64), 60);
                rows.Add(device, new PairwiseForm(Surrogate.Exponential, PairSelection.All, 0.57f), (131, 300), 60);
                rows.Add(device, new PairwiseForm(Surrogate.Exponential, PairSelection.Matched, 0.55f), (17, 40), 78);
            }

            return rows;
        }
    }

    /// <summary>Devices, forms and the scores' size.</summary>
    public static TheoryData<string, PairwiseForm, double> WideRows
    {
        get
        {
            var rows = new TheoryData<string, PairwiseForm, double>();
            foreach (string device in TestDevices.Names)
            {
                foreach (Surrogate surrogate in Enum.GetValues<Surrogate>())
                {
                    foreach (PairSelection pairs in Enum.GetValues<PairSelection>())
                    {
                        foreach (double size in (double[])[2e8, 3e9, 1e12, 1e20, 1e30])
                        {
                            rows.Add(device, new PairwiseForm(surrogate, pairs), size);
                        }
                    }
                }

                rows.Add(device, new PairwiseForm(Surrogate.Logistic, PairSelection.All, 100, 0.004f), 1e8);
            }

            return rows;
        }
    }

    public static TheoryData<string, PairwiseForm> Forms =>
        TestDevices.With(
            from surrogate in Enum.GetValues<Surrogate>()
            from pairs in Enum.GetValues<PairSelection>()
            select new PairwiseForm(surrogate, pairs, 1.5f, 0.25f));

    /// <summary>Every gradient is right to 1e-5 of itself, however small; the squared one, which may cancel, of the largest.</summary>
    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Compute_ScoresOfAnySpread_AgreesWithEachPairInDouble(string deviceName, PairwiseForm form, (int Positives, int Negatives) size)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        foreach ((double spread, double gap) in ((double, double)[])[(1e-3, 0), (1, 0), (1, 20), (1, -20), (0, 0), (30, 10), (1e4, 0), (-1, 5)])
        {
            (float[] scores, float[] labels) = Scores(size.Positives, size.Negatives, spread, gap);
            (double loss, double[] gradient) = ReferenceSurrogate.Pairs(form, scores, labels);
            (float actualLoss, float[] actualGradient) = Compute(device, form, scores, labels);
            double absolute = form.Surrogate == Surrogate.Squared ? 1e-6 * gradient.Max(Math.Abs) : 1.5e-38;
            string what = $"spread {spread}, gap {gap}: ";

            // Pairs of the linear one cancel.
            double lossAbsolute = form.Surrogate == Surrogate.Linear ? 1e-6 * form.Temperature * (scores.Max(Math.Abs) + form.Margin) : 1.5e-38;
            Numbers.AssertClose([Saturated(loss)], [actualLoss], 1e-5, lossAbsolute, what + "loss");
            Numbers.AssertClose([.. gradient.Select(Saturated)], actualGradient, 1e-5, absolute, what + "gradient");
        }
    }

    /// <summary>Every pair is in the wrong order: losses around the largest float, whose sum passes it and whose mean does not.</summary>
    [SkippableTheory]
    [MemberData(nameof(LargeRows))]
    public void Compute_ExponentialsWhoseSumOverflows_GivesTheirMean(string deviceName, PairwiseForm form, (int Positives, int Negatives) size, float lowest)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        float[] labels = Labels(new Random(7), size.Positives, size.Negatives);
        float[] scores = new float[labels.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = -labels[i] * (lowest + ((80 - lowest) * (i * 7 % scores.Length) / scores.Length));
        }

        (double loss, double[] gradient) = ReferenceSurrogate.Pairs(form, scores, labels);
        int pairs = form.Pairs == PairSelection.All ? size.Positives * size.Negatives : Math.Min(size.Positives, size.Negatives);
        Assert.True(loss <= float.MaxValue && loss * pairs > float.MaxValue, $"a mean of {loss:G3} over {pairs} pairs does not test this");
        (float actualLoss, float[] actualGradient) = Compute(lease.Device, form, scores, labels);

        // A matched pair's exponent is one float, near 88 off by up to 4e-6; over all pairs no device loses that.
        double relative = form.Pairs == PairSelection.All ? 3e-6 : 1e-5;
        Numbers.AssertClose([loss], [actualLoss], relative, 0, "loss");
        Numbers.AssertClose(gradient, actualGradient, relative, 0, "gradient");
    }

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void Compute_Gradient_IsTheLossesDifferenceQuotient(string deviceName, PairwiseForm form)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        (float[] scores, float[] labels) = Scores(9, 13, 1, 0.5);
        (_, float[] gradient) = Compute(device, form, scores, labels);
        const float Step = 0.0078125f;
        for (int i = 0; i < scores.Length; i++)
        {
            float[] moved = [.. scores];
            moved[i] = scores[i] + Step;
            float above = Compute(device, form, moved, labels).Loss;
            moved[i] = scores[i] - Step;
            float below = Compute(device, form, moved, labels).Loss;
            double quotient = ((double)above - below) / (2 * Step);

            // The hinge has corners: a pair that crosses one changes the quotient by at most its own share.
            double share = form.Surrogate == Surrogate.Hinge ? form.Temperature / 9.0 : 0;
            Assert.InRange(gradient[i], quotient - 1e-3 - (2e-3 * Math.Abs(quotient)) - share, quotient + 1e-3 + (2e-3 * Math.Abs(quotient)) + share);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void Compute_OneClassOnly_IsZero(string deviceName, PairwiseForm form)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        foreach (float label in (float[])[1, -1])
        {
            (float loss, float[] gradient) = Compute(device, form, [3, -2, 0.5f], [label, label, label]);
            Assert.Equal(0, loss);
            Assert.Equal([0, 0, 0], gradient);
        }
    }

    /// <summary>Scores of every size up to 10³⁰, ties among them, of both classes: each pair's difference counts, the nearest too.</summary>
    [SkippableTheory]
    [MemberData(nameof(WideRows))]
    public void Compute_ScoresFarBeyondTheSurrogatesBend_AgreesWithEachPairInDouble(string deviceName, PairwiseForm form, double size)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        var random = new Random(11);
        foreach (bool mixed in (bool[])[false, true])
        {
            float[] labels = Labels(random, 9, 7);
            float[] scores = [.. labels.Select((_, i) => (float)((mixed ? Math.Pow(size, random.NextDouble()) : size) * (random.Next(2) - 0.5) * (1 + (random.Next(3) * 1e-6))))];
            (double loss, double[] gradient) = ReferenceSurrogate.Pairs(form, scores, labels);
            (float actualLoss, float[] actualGradient) = Compute(lease.Device, form, scores, labels);
            string what = $"size {size}, mixed {mixed}: ";
            Numbers.AssertClose([Saturated(loss)], [actualLoss], 1e-5, 1e-30, what + "loss");
            Numbers.AssertClose([.. gradient.Select(Saturated)], actualGradient, 1e-5, form.Surrogate == Surrogate.Squared ? 1e-6 * gradient.Max(Math.Abs) : 1e-30, what + "gradient");
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void Compute_ScoresBeyondAll_GivesNaN(string deviceName, PairwiseForm form)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        (float loss, float[] gradient) = Compute(lease.Device, form, [2e30f, 1, 2, 3], [1, -1, 1, -1]);
        Assert.True(float.IsNaN(loss));
        Assert.All(gradient, static g => Assert.True(float.IsNaN(g)));
    }

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void Compute_NaNScore_GivesNaNLoss(string deviceName, PairwiseForm form)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        Assert.True(float.IsNaN(Compute(device, form, [float.NaN, 1, 2, 3], [1, -1, 1, -1]).Loss));
    }

    [Fact]
    public void ComputeSimd_InfiniteScore_GivesNaNEverywhere()
    {
        using var device = new SimdDevice(threads: 1);
        var form = new PairwiseForm(Surrogate.Logistic, PairSelection.All);
        (float loss, float[] gradient) = Compute(device, form, [float.PositiveInfinity, 1, 2, 3], [1, -1, 1, -1]);
        Assert.True(float.IsNaN(loss));
        Assert.All(gradient, g => Assert.True(float.IsNaN(g)));
    }

    [Theory]
    [InlineData(Surrogate.Logistic)]
    [InlineData(Surrogate.Squared)]
    [InlineData(Surrogate.Hinge)]
    [InlineData(Surrogate.Exponential)]
    public void ComputeSimd_OneTwoThreeThreads_GivesTheSameBitsAndTheRightNumbers(Surrogate surrogate)
    {
        (float[] scores, float[] labels) = Scores(1_003, 1_501, 3, 1);
        var form = new PairwiseForm(surrogate, PairSelection.All);
        (float Loss, float[] Gradient)[] results = [.. ((int[])[1, 2, 3]).Select(threads =>
        {
            using var device = new SimdDevice(threads);
            return Compute(device, form, scores, labels);
        })];
        Assert.All(results, r => Assert.Equal(results[0].Loss, r.Loss));
        Assert.All(results, r => Assert.Equal(results[0].Gradient, r.Gradient));
        (double loss, double[] gradient) = ReferenceSurrogate.Pairs(form, scores, labels);
        Numbers.AssertClose([loss], [results[0].Loss], 1e-6, 0, "loss");
        Numbers.AssertClose(gradient, results[0].Gradient, 1e-5, 1e-6 * gradient.Max(Math.Abs), "gradient");
    }

    [Fact]
    public void ComputeSimd_SeveralBatchesWithOneOperation_DoNotInfluenceEachOther()
    {
        using var device = new SimdDevice(threads: 2);
        var form = new PairwiseForm(Surrogate.Logistic, PairSelection.All);
        using PairwiseDifference operation = PairwiseDifference.Create(device, form, 3_000);
        foreach ((int Positives, int Negatives, double Spread) batch in ((int, int, double)[])[(1_500, 1_400, 40), (3, 4, 1), (800, 900, 0.1), (1_500, 1_400, 40)])
        {
            (float[] scores, float[] labels) = Scores(batch.Positives, batch.Negatives, batch.Spread, 0);
            Assert.Equal(Compute(device, form, scores, labels).Gradient, Compute(device, operation, scores, labels).Gradient);
        }
    }

    private static double Saturated(double value) => Math.Clamp(value, -float.MaxValue, float.MaxValue);

    /// <summary>Normal scores, the positives' raised by the gap; a spread of −1 mixes 1e-3, 1, 30 and 10⁴.</summary>
    private static (float[] Scores, float[] Labels) Scores(int positives, int negatives, double spread, double gap)
    {
        var random = new Random((positives * 31) + negatives);
        float[] labels = Labels(random, positives, negatives);
        double[] mixed = [1e-3, 1, 30, 1e4];
        float[] scores = [.. labels.Select(label =>
            (float)Math.Clamp((Numbers.Gauss(random) * (spread < 0 ? mixed[random.Next(4)] : spread)) + (label > 0 ? gap : 0), -1e4, 1e4))];
        return (scores, labels);
    }

    private static float[] Labels(Random random, int positives, int negatives)
    {
        float[] labels = [.. Enumerable.Repeat(1f, positives), .. Enumerable.Repeat(-1f, negatives)];
        random.Shuffle(labels);
        return labels;
    }

    private static (float Loss, float[] Gradient) Compute(ComputeDevice device, PairwiseForm form, float[] scores, float[] labels)
    {
        using PairwiseDifference operation = PairwiseDifference.Create(device, form, scores.Length);
        return Compute(device, operation, scores, labels);
    }

    private static (float Loss, float[] Gradient) Compute(ComputeDevice device, PairwiseDifference operation, float[] scores, float[] labels)
    {
        using Tensor<float> s = device.Tensor(scores);
        using Tensor<float> y = device.Tensor(labels);
        using Tensor<float> dScores = device.Unset(scores.Length);
        using Tensor<float> loss = device.Unset(1);
        operation.Compute(s, y, dScores, loss, scores.Length);
        return (loss.ToArray()[0], dScores.ToArray());
    }
}
