using Differential.Kernels.Devices;
using Differential.Kernels.Rows;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Rows;

public class PerturbationStepTests
{
    private const int Count = 5;

    private static readonly float[] Steps = [0.1f, 0, -0.3f, 1, 7];

    private static readonly float[] Radii = [0.05f, 0.4f, 0, 30, 0.5f];

    public static TheoryData<string, (PerturbationNorm Norm, int Length)> Rows =>
        TestDevices.With(from norm in (PerturbationNorm[])[PerturbationNorm.Linf, PerturbationNorm.L2] from length in Numbers.Lengths select (norm, length));

    public static TheoryData<string, int> LengthRows => TestDevices.With(Numbers.Lengths);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Step_RowsWithTheirOwnStepAndRadius_IsMoveThenProjectionThenClip(string deviceName, (PerturbationNorm Norm, int Length) size)
    {
        (PerturbationNorm norm, int length) = size;
        float[] start = Numbers.Normal(1, Count * length);
        float[] slopes = Numbers.Normal(2, Count * length);
        slopes.AsSpan(3 * length, length).Clear();
        float[] center = Numbers.Normal(3, Count * length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using PerturbationStep operation = PerturbationStep.Create(device, length, Count);
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
            double gradientNorm = Norm([.. slopes.Skip(first).Take(length).Select(v => (double)v)], PerturbationNorm.L2);
            double[] delta = [.. Enumerable.Range(first, length).Select(i => start[i] + (Steps[row] * Direction(slopes[i], gradientNorm, norm)) - center[i])];
            double distance = Norm(delta, PerturbationNorm.L2);
            for (int i = 0; i < length; i++)
            {
                double projected = norm == PerturbationNorm.Linf
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
        using PerturbationStep operation = PerturbationStep.Create(device, length, 2);
        using Tensor<float> x = device.Allocate(new Shape(2 * length));
        using Tensor<float> gradient = device.Tensor(slopes);
        using Tensor<float> steps = device.Tensor(0.5f, 0.5f);
        using Tensor<float> norms = device.Unset(2);
        operation.Move(x, gradient, PerturbationNorm.L2, steps, 2);
        operation.Norms(x, null, PerturbationNorm.L2, norms, 2);
        Numbers.AssertClose([0.5, 0], norms, 1e-6, 0, "distance moved");
    }

    [SkippableTheory]
    [MemberData(nameof(LengthRows))]
    public void NormsDotsAndCombine_AwkwardLength_AgreeWithTheirDefinitions(string deviceName, int length)
    {
        float[] a = Numbers.Normal(1, Count * length);
        float[] b = Numbers.Normal(2, Count * length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using PerturbationStep operation = PerturbationStep.Create(device, length, Count);
        using Tensor<float> x = device.Tensor(a);
        using Tensor<float> y = device.Tensor(b);
        using Tensor<float> left = device.Tensor(Steps);
        using Tensor<float> right = device.Tensor(Radii);
        using Tensor<float> results = device.Unset(Count);
        foreach (PerturbationNorm norm in Enum.GetValues<PerturbationNorm>())
        {
            operation.Norms(x, y, norm, results, Count);
            Numbers.AssertClose(ByRow(length, i => a[i] - b[i]).Select(r => Norm(r, norm)), results, 1e-6, 0, $"{norm} distance");
            operation.Norms(x, null, norm, results, Count);
            Numbers.AssertClose(ByRow(length, i => a[i]).Select(r => Norm(r, norm)), results, 1e-6, 0, $"{norm}");
        }

        operation.Dots(x, y, results, Count);
        Numbers.AssertClose(ByRow(length, i => (double)a[i] * b[i]).Select(r => r.Sum()), results, 1e-6, 1e-7, "dot");
        operation.Combine(left, x, right, y, x, Count);
        Numbers.AssertClose(a.Select((v, i) => ((double)Steps[i / length] * v) + ((double)Radii[i / length] * b[i])), x, 4e-7, 4e-6, "combination");
    }

    [SkippableTheory]
    [MemberData(nameof(LengthRows))]
    public void Clip_NaN_StaysNaNAndTheRestIsBounded(string deviceName, int length)
    {
        float[] values = Numbers.Normal(1, length, 2);
        values[0] = float.NaN;
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using PerturbationStep operation = PerturbationStep.Create(device, length, 1);
        using Tensor<float> x = device.Tensor(values);
        operation.Clip(x, 0, 1, 1);
        Assert.Equal(values.Select(v => Math.Clamp(v, 0, 1)), x.ToArray());
    }

    [Fact]
    public void Step_L1_IsRefused()
    {
        using var device = new SimdDevice(threads: 1);
        using PerturbationStep operation = PerturbationStep.Create(device, 1, 1);
        using Tensor<float> x = device.Unset(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => operation.Step(x, x, x, PerturbationNorm.L1, x, x, 0, 1, 1));
    }

    private static double Direction(float slope, double gradientNorm, PerturbationNorm norm) =>
        norm == PerturbationNorm.Linf ? Math.Sign(slope) : gradientNorm > 0 ? slope / gradientNorm : 0;

    private static IEnumerable<double[]> ByRow(int length, Func<int, double> value) =>
        Enumerable.Range(0, Count).Select(row => Enumerable.Range(row * length, length).Select(value).ToArray());

    private static double Norm(double[] values, PerturbationNorm norm) => norm switch
    {
        PerturbationNorm.Linf => values.Max(Math.Abs),
        PerturbationNorm.L2 => Math.Sqrt(values.Sum(v => v * v)),
        _ => values.Sum(Math.Abs),
    };
}
