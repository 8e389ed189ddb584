using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Elementwise;

public class NormDivisionTests
{
    public static TheoryData<string, int> Rows => TestDevices.With([.. Numbers.Lengths, 70_001]);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Forward_AwkwardLength_DividesAndWritesNothingElse(string deviceName, int length)
    {
        float[] values = Numbers.Normal(1, length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using NormDivision division = NormDivision.Create(device);
        using Tensor<float> x = device.Tensor(values);
        using Tensor<float> sigma = device.Tensor(2.5f);
        using Tensor<float> guarded = device.Unset(length + 2);
        division.Forward(x, sigma, guarded.Slice(1, new Shape(length)), length);
        float[] result = guarded.ToArray();
        Assert.True(float.IsNaN(result[0]) && float.IsNaN(result[^1]));
        Numbers.AssertClose([.. values.Select(v => v / 2.5)], result[1..^1], 1e-6, 0, "y");
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Backward_InPlace_IsTheGradientThroughTheNorm(string deviceName, int length)
    {
        // σ = ‖x‖₂, whose derivative is y itself.
        float[] values = Numbers.Normal(1, length);
        float[] dy = Numbers.Normal(2, length);
        double norm = Math.Sqrt(values.Sum(v => (double)v * v));
        float[] y = [.. values.Select(v => (float)(v / norm))];
        double dot = dy.Zip(y, (a, b) => (double)a * b).Sum();
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using NormDivision division = NormDivision.Create(device);
        using Tensor<float> gradient = device.Tensor(dy);
        using Tensor<float> dots = device.Tensor((float)dot);
        using Tensor<float> dSigma = device.Tensor(y);
        using Tensor<float> sigma = device.Tensor((float)norm);
        division.Backward(gradient, dots, dSigma, sigma, gradient, length);
        Numbers.AssertClose([.. dy.Select((g, i) => (g - (dot * y[i])) / norm)], gradient.ToArray(), 1e-5, 1e-6, "dx");
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Both_NormZero_GiveZeros(string deviceName, int length)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using NormDivision division = NormDivision.Create(device);
        using Tensor<float> x = device.Tensor(new float[length]);
        using Tensor<float> zero = device.Tensor(0f);
        using Tensor<float> gradient = device.Tensor(Numbers.Normal(2, length));
        division.Forward(x, zero, x, length);
        division.Backward(gradient, zero, x, zero, gradient, length);
        Assert.All([.. x.ToArray(), .. gradient.ToArray()], static v => Assert.Equal(0f, v));
    }
}
