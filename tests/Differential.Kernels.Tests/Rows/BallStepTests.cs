using Differential.Kernels.Devices;
using Differential.Kernels.Rows;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Rows;

public class BallStepTests
{
    private const int Count = 5;

    private static readonly float[] Steps = [0.1f, 0, -0.3f, 1, 7];

    private static readonly float[] Radii = [0.05f, 0.4f, 0, 30, 0.5f];

    public static TheoryData<string, (RowNorm Norm, int Length)> Rows =>
        TestDevices.With(from norm in (RowNorm[])[RowNorm.Linf, RowNorm.L2] from length in Numbers.Lengths select (norm, length));

    public static TheoryData<string, int> LengthRows => TestDevices.With(Numbers.Lengths);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Step_RowsWithTheirOwnStepAndRadius_IsMoveThenProjectionThenClip(string deviceName, (RowNorm Norm, int Length) size)
    {
        (RowNorm norm, int length) = size;
        float[] start = Numbers.Normal(1, Count * length);
        float[] slopes = Numbers.Normal(2, Count * length);
        slopes.AsSpan(3 * length, length).Clear();
        float[] center = Numbers.Normal(3, Count * length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using BallStep operation = BallStep.Create(device, length, Count);
        using Tensor<float> x = device.Tensor(start);
        using Tensor<float> gradient = device.Tensor(slopes);
        using Tensor<float> origin = device.Tensor(center);
        using Tensor<float> steps = device.Tensor(Steps);
        using Tensor<float> radii = device.Tensor(Radii);
        operation.Step(x, gradient, origin, norm, steps, radii, -1, 1, Count);

        var expected = new double[Count * length];
        for (int row = 0; row < Count; row++)
        {
            int first = row * length;
            double gradientNorm = RowArithmeticTests.Norm([.. slopes.Skip(first).Take(length).Select(v => (double)v)], RowNorm.L2);
            double[] delta = [.. Enumerable.Range(first, length).Select(i => start[i] + (Steps[row] * Direction(slopes[i], gradientNorm, norm)) - center[i])];
            double distance = RowArithmeticTests.Norm(delta, RowNorm.L2);
            for (int i = 0; i < length; i++)
            {
                double projected = norm == RowNorm.Linf
                    ? Math.Clamp(delta[i], -Radii[row], Radii[row])
                    : delta[i] * (distance > Radii[row] ? Radii[row] / distance : 1);
                expected[first + i] = Math.Clamp(center[first + i] + projected, -1, 1);
            }
        }

        Numbers.AssertClose(expected, x, 1e-6, 4e-7, "x");
    }

    [SkippableTheory]
    [MemberData(nameof(LengthRows))]
    public void MoveL2_GradientWhoseSquaresVanishInFloat_StillMovesByTheWholeStep(string deviceName, int length)
    {
        float[] slopes = Numbers.Normal(2, 2 * length, 1e-30);
        slopes.AsSpan(length).Clear();
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using BallStep operation = BallStep.Create(device, length, 2);
        using RowArithmetic rows = RowArithmetic.Create(device, length, 2);
        using Tensor<float> x = device.Allocate(new Shape(2 * length));
        using Tensor<float> gradient = device.Tensor(slopes);
        using Tensor<float> steps = device.Tensor(0.5f, 0.5f);
        using Tensor<float> norms = device.Unset(2);
        operation.Move(x, gradient, RowNorm.L2, steps, 2);
        rows.Norms(x, null, RowNorm.L2, norms, 2);
        Numbers.AssertClose([0.5, 0], norms, 1e-6, 0, "distance moved");
    }

    [SkippableTheory]
    [MemberData(nameof(LengthRows))]
    public void ProjectL1_RowsWithTheirOwnRadius_IsTheNearestPointOfTheBallThenOfTheBox(string deviceName, int length)
    {
        float[] start = Numbers.Normal(1, Count * length);
        float[] center = Numbers.Normal(3, Count * length);
        start.AsSpan(length, length / 2).Fill(0.25f);
        float[] radii = [0.05f, 0.4f * length, 0, 1e6f, 3];
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using BallStep operation = BallStep.Create(device, length, Count);
        using Tensor<float> x = device.Tensor(start);
        using Tensor<float> origin = device.Tensor(center);
        using Tensor<float> limits = device.Tensor(radii);
        operation.Project(x, origin, RowNorm.L1, limits, -1, 1, Count);

        var expected = new double[Count * length];
        for (int row = 0; row < Count; row++)
        {
            double[] delta = [.. Enumerable.Range(row * length, length).Select(i => (double)(start[i] - center[i]))];
            double threshold = Threshold(delta, radii[row]);
            for (int i = 0; i < length; i++)
            {
                double projected = Math.Sign(delta[i]) * Math.Max(0, Math.Abs(delta[i]) - threshold);
                expected[(row * length) + i] = Math.Clamp(center[(row * length) + i] + projected, -1, 1);
            }
        }

        Numbers.AssertClose(expected, x, 2e-6, 4e-7, "x");
    }

    [Fact]
    public void Step_L1_IsRefused()
    {
        using var device = new SimdDevice(threads: 1);
        using BallStep operation = BallStep.Create(device, 1, 1);
        using Tensor<float> x = device.Unset(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => operation.Step(x, x, x, RowNorm.L1, x, x, 0, 1, 1));
    }

    /// <summary>By sorting (Duchi et al. 2008): the mean excess of the largest changes, of as many as lie above it.</summary>
    private static double Threshold(double[] delta, double radius)
    {
        double[] sizes = [.. delta.Select(Math.Abs).OrderDescending()];
        if (sizes.Sum() <= radius)
        {
            return 0;
        }

        double sum = 0;
        double threshold = sizes[0];
        for (int k = 0; k < sizes.Length; k++)
        {
            sum += sizes[k];
            threshold = sizes[k] > (sum - radius) / (k + 1) ? (sum - radius) / (k + 1) : threshold;
        }

        return threshold;
    }

    private static double Direction(float slope, double gradientNorm, RowNorm norm) =>
        norm == RowNorm.Linf ? Math.Sign(slope) : gradientNorm > 0 ? slope / gradientNorm : 0;
}
