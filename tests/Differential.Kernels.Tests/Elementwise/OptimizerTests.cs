using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Elementwise;

/// <summary>Ten steps of each optimiser against its formula in double precision.</summary>
public class OptimizerTests
{
    private const int Steps = 10;

    public static TheoryData<string, int> Rows => TestDevices.With(Numbers.Lengths);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Sgd_NesterovWithWeightDecay_FollowsItsFormula(string deviceName, int length)
    {
        double[] w = [.. Numbers.Normal(1, length)];
        var v = new double[length];
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using SgdUpdate update = SgdUpdate.Create(device);
        using Tensor<float> parameters = device.Tensor(Numbers.Normal(1, length));
        using Tensor<float> velocity = device.Allocate(new Shape(length));
        using Tensor<float> rate = device.Tensor([0.1f]);
        for (int step = 0; step < Steps; step++)
        {
            float[] gradient = Numbers.Normal(10 + step, length);
            using Tensor<float> gradients = device.Tensor(gradient);
            update.Step(parameters, gradients, velocity, rate, 0.9f, nesterov: true, 0.01f);
            for (int i = 0; i < length; i++)
            {
                double g = gradient[i] + (0.01 * w[i]);
                v[i] = (0.9 * v[i]) + g;
                w[i] -= 0.1 * (g + (0.9 * v[i]));
            }
        }

        Numbers.AssertClose(w, parameters, 2e-6, 4e-6, "w");
        Numbers.AssertClose(v, velocity, 2e-6, 4e-6, "v");
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Adam_WithWeightDecay_FollowsItsFormula(string deviceName, int length)
    {
        double[] w = [.. Numbers.Normal(1, length)];
        var m = new double[length];
        var v = new double[length];
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using AdamUpdate update = AdamUpdate.Create(device);
        using Tensor<float> parameters = device.Tensor(Numbers.Normal(1, length));
        using Tensor<float> mean = device.Allocate(new Shape(length));
        using Tensor<float> variance = device.Allocate(new Shape(length));
        using Tensor<float> numbers = device.Allocate(new Shape(2));
        for (int step = 1; step <= Steps; step++)
        {
            float[] gradient = Numbers.Normal(10 + step, length);
            using Tensor<float> gradients = device.Tensor(gradient);
            (float rate, float scale) = AdamUpdate.Numbers(step, 0.01f, 0.9f, 0.999f);
            numbers.Write([rate, scale]);
            update.Step(parameters, gradients, mean, variance, numbers, 0.9f, 0.999f, 1e-8f, 0.01f);
            for (int i = 0; i < length; i++)
            {
                double g = gradient[i] + (0.01 * w[i]);
                m[i] = (0.9 * m[i]) + (0.1 * g);
                v[i] = (0.999 * v[i]) + (0.001 * g * g);
                double corrected = Math.Sqrt(v[i] / (1 - Math.Pow(0.999, step))) + 1e-8;
                w[i] -= 0.01 * (m[i] / (1 - Math.Pow(0.9, step))) / corrected;
            }
        }

        Numbers.AssertClose(w, parameters, 2e-6, 2e-6, "w");
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void NormalizedGradient_WithGrowingCarry_FollowsItsFormula(string deviceName, int length)
    {
        double[] w = [.. Numbers.Normal(1, length)];
        var v = new double[length];
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using NormalizedGradientUpdate update = NormalizedGradientUpdate.Create(device);
        using Tensor<float> parameters = device.Tensor(Numbers.Normal(1, length));
        using Tensor<float> velocity = device.Allocate(new Shape(length));
        using Tensor<float> loss = device.Allocate(new Shape(1));
        using Tensor<float> numbers = device.Allocate(new Shape(2));
        for (int step = 1; step <= Steps; step++)
        {
            float[] gradient = Numbers.Normal(10 + step, length, 1e-4);
            float value = 1e-3f / step;
            float carry = step / (step + 1f);
            using Tensor<float> gradients = device.Tensor(gradient);
            loss.Write([value]);
            numbers.Write([0.3f, carry]);
            update.Step(parameters, gradients, velocity, loss, numbers);
            for (int i = 0; i < length; i++)
            {
                double d = (double)gradient[i] / value;
                v[i] = carry * (v[i] + d);
                w[i] -= 0.3f * (v[i] + d);
            }
        }

        Numbers.AssertClose(w, parameters, 4e-6, 4e-6, "w");
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void NormalizedGradient_LossOfZero_MovesNothing(string deviceName, int length)
    {
        float[] values = Numbers.Normal(1, length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using NormalizedGradientUpdate update = NormalizedGradientUpdate.Create(device);
        using Tensor<float> parameters = device.Tensor(values);
        using Tensor<float> gradients = device.Allocate(new Shape(length));
        using Tensor<float> velocity = device.Tensor(values);
        using Tensor<float> loss = device.Allocate(new Shape(1));
        using Tensor<float> numbers = device.Tensor([0.3f, 0.5f]);
        update.Step(parameters, gradients, velocity, loss, numbers);
        Assert.Equal(values, parameters.ToArray());
        Assert.Equal(values, velocity.ToArray());
    }
}
