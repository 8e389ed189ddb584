using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Gemm;
using Differential.Kernels.Normalization;
using Differential.Kernels.Pooling;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Golden;

/// <summary>Convolution, dense layer and pooling of each device, with all gradients, against PyTorch's numbers.</summary>
public class GoldenLayerTests
{
    public static TheoryData<string, string> Cases(string file) => TestDevices.With(GoldenCase.Read(file).Select(c => c.Name));

    [SkippableTheory]
    [MemberData(nameof(Cases), "conv2d")]
    public void Conv2d_ForwardAndGradients_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("conv2d", caseName);
        int count = golden.Int("count");
        var geometry = new Conv2dGeometry(
            golden.Int("height"), golden.Int("width"), golden.Int("channels"), golden.Int("filters"), golden.Int("size"), golden.Int("stride"), golden.Int("padding"));
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Conv2d operation = Conv2d.Create(device, geometry, count);
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> weight = device.Tensor(golden.Array("weight"));
        using Tensor<float> bias = device.Tensor(golden.Array("bias"));
        using Tensor<float> dy = device.Tensor(golden.Array("dy"));
        using Tensor<float> y = device.Unset(dy.Length);
        using Tensor<float> dx = device.Unset(x.Length);
        using Tensor<float> dWeight = device.Unset(weight.Length);
        using Tensor<float> dBias = device.Unset(bias.Length);
        operation.Forward(x, weight, bias, golden.Flag("relu"), y, count);
        operation.BackwardInput(dy, weight, dx, count);
        operation.BackwardWeight(x, dy, dWeight, dBias, count);
        golden.AssertAll(("y", y), ("dx", dx), ("dWeight", dWeight), ("dBias", dBias));
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "dense")]
    public void Dense_ForwardAndGradients_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("dense", caseName);
        int count = golden.Int("count");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Dense operation = Dense.Create(device, golden.Int("inputs"), golden.Int("outputs"), count);
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> weight = device.Tensor(golden.Array("weight"));
        using Tensor<float> bias = device.Tensor(golden.Array("bias"));
        using Tensor<float> dy = device.Tensor(golden.Array("dy"));
        using Tensor<float> y = device.Unset(dy.Length);
        using Tensor<float> dx = device.Unset(x.Length);
        using Tensor<float> dWeight = device.Unset(weight.Length);
        using Tensor<float> dBias = device.Unset(bias.Length);
        operation.Forward(x, weight, bias, golden.Flag("relu"), y, count);
        operation.BackwardInput(dy, weight, dx, count);
        operation.BackwardWeight(x, dy, dWeight, dBias, count);
        golden.AssertAll(("y", y), ("dx", dx), ("dWeight", dWeight), ("dBias", dBias));
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "pooling")]
    public void Pool2d_ForwardAndGradient_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("pooling", caseName);
        int count = golden.Int("count");
        var geometry = new Pool2dGeometry(golden.Int("height"), golden.Int("width"), golden.Int("channels"), golden.Int("size"), golden.Int("stride"));
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Pool2d operation = Pool2d.Create(device, Enum.Parse<PoolKind>(golden.Text("kind")), geometry);
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> dy = device.Tensor(golden.Array("dy"));
        using Tensor<float> y = device.Unset(dy.Length);
        using Tensor<float> dx = device.Unset(x.Length);
        operation.Forward(x, y, count);
        operation.Backward(x, y, dy, dx, count);
        golden.AssertAll(("y", y), ("dx", dx));
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "batchNorm")]
    public void BatchNorm_TrainingAndEvaluation_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("batchNorm", caseName);
        int rows = golden.Int("rows");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using BatchNorm operation = BatchNorm.Create(device, new BatchNormGeometry(golden.Int("channels"), rows + 3, golden.Float("momentum"), golden.Float("epsilon")));
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> dy = device.Tensor(golden.Array("dy"));
        using Tensor<float> weight = device.Tensor(golden.Array("weight"));
        using Tensor<float> bias = device.Tensor(golden.Array("bias"));
        using Tensor<float> mean = device.Tensor(golden.Array("runningMean"));
        using Tensor<float> variance = device.Tensor(golden.Array("runningVariance"));
        using Tensor<float> y = device.Unset(dy.Length);
        using Tensor<float> dx = device.Unset(x.Length);
        using Tensor<float> dWeight = device.Unset(weight.Length);
        using Tensor<float> dBias = device.Unset(bias.Length);
        var values = new BatchNormValues(weight, bias, mean, variance);
        operation.ForwardInfer(x, values, y, rows, golden.Flag("relu"));
        operation.BackwardInput(x, dy, weight, dx, rows);
        golden.AssertAll(("evaluated", y), ("evaluatedDx", dx));
        operation.ForwardTrain(x, values, y, rows, golden.Flag("relu"));
        operation.BackwardParameters(x, dy, dWeight, dBias, rows);
        operation.BackwardInput(x, dy, weight, dx, rows);
        golden.AssertAll(("y", y), ("dx", dx), ("dWeight", dWeight), ("dBias", dBias), ("runningMeanAfter", mean), ("runningVarianceAfter", variance));
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "globalAveragePool")]
    public void GlobalAveragePool_ForwardAndGradient_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("globalAveragePool", caseName);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using GlobalAveragePool operation = GlobalAveragePool.Create(device, golden.Int("pixels"), golden.Int("channels"));
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> dy = device.Tensor(golden.Array("dy"));
        using Tensor<float> y = device.Unset(dy.Length);
        using Tensor<float> dx = device.Unset(x.Length);
        operation.Forward(x, y, golden.Int("count"));
        operation.Backward(dy, dx, golden.Int("count"));
        golden.AssertAll(("y", y), ("dx", dx));
    }
}
