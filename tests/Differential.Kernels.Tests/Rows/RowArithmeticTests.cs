using Differential.Kernels.Devices;
using Differential.Kernels.Rows;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Rows;

public class RowArithmeticTests
{
    private const int Count = 5;

    private static readonly float[] Left = [0.1f, 0, -0.3f, 1, 7];

    private static readonly float[] Right = [0.05f, 0.4f, 0, 30, 0.5f];

    public static TheoryData<string, int> LengthRows => TestDevices.With(Numbers.Lengths);

    [SkippableTheory]
    [MemberData(nameof(LengthRows))]
    public void NormsDotsAndCombine_AwkwardLength_AgreeWithTheirDefinitions(string deviceName, int length)
    {
        float[] a = Numbers.Normal(1, Count * length);
        float[] b = Numbers.Normal(2, Count * length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using RowArithmetic operation = RowArithmetic.Create(device, length, Count);
        using Tensor<float> x = device.Tensor(a);
        using Tensor<float> y = device.Tensor(b);
        using Tensor<float> left = device.Tensor(Left);
        using Tensor<float> right = device.Tensor(Right);
        using Tensor<float> results = device.Unset(Count);
        foreach (RowNorm norm in Enum.GetValues<RowNorm>())
        {
            operation.Norms(x, y, norm, results, Count);
            Numbers.AssertClose(ByRow(length, i => a[i] - b[i]).Select(r => Norm(r, norm)), results, 1e-6, 0, $"{norm} distance");
            operation.Norms(x, null, norm, results, Count);
            Numbers.AssertClose(ByRow(length, i => a[i]).Select(r => Norm(r, norm)), results, 1e-6, 0, $"{norm}");
        }

        operation.Dots(x, y, results, Count);
        Numbers.AssertClose(ByRow(length, i => (double)a[i] * b[i]).Select(r => r.Sum()), results, 1e-6, 1e-7, "dot");
        operation.Combine(left, x, right, y, x, Count);
        Numbers.AssertClose(a.Select((v, i) => ((double)Left[i / length] * v) + ((double)Right[i / length] * b[i])), x, 4e-7, 4e-6, "combination");
    }

    [SkippableTheory]
    [MemberData(nameof(LengthRows))]
    public void Clip_NaN_StaysNaNAndTheRestIsBounded(string deviceName, int length)
    {
        float[] values = Numbers.Normal(1, length, 2);
        values[0] = float.NaN;
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using RowArithmetic operation = RowArithmetic.Create(device, length, 1);
        using Tensor<float> x = device.Tensor(values);
        operation.Clip(x, 0, 1, 1);
        Assert.Equal(values.Select(v => Math.Clamp(v, 0, 1)), x.ToArray());
    }

    /// <summary>A row's norm in double precision.</summary>
    internal static double Norm(double[] values, RowNorm norm) => norm switch
    {
        RowNorm.Linf => values.Max(Math.Abs),
        RowNorm.L2 => Math.Sqrt(values.Sum(v => v * v)),
        _ => values.Sum(Math.Abs),
    };

    private static IEnumerable<double[]> ByRow(int length, Func<int, double> value) =>
        Enumerable.Range(0, Count).Select(row => Enumerable.Range(row * length, length).Select(value).ToArray());
}
