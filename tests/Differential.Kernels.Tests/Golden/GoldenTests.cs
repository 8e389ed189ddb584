using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Losses;
using Differential.Kernels.Rows;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Golden;

/// <summary>
/// Each device against numbers that PyTorch produced (tests/golden/make_golden.py): elementwise operations, losses,
/// optimisers, attack steps. The layers are in <see cref="GoldenLayerTests"/>.
/// </summary>
public class GoldenTests
{
    public static TheoryData<string> DeviceNames => [.. TestDevices.Names];

    public static TheoryData<string, string> Cases(string file) => TestDevices.With(GoldenCase.Read(file).Select(c => c.Name));

    [SkippableTheory]
    [MemberData(nameof(Cases), "pairwise")]
    public void PairwiseDifference_LossAndGradient_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("pairwise", caseName);
        int count = golden.Int("count");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        var form = new PairwiseForm(
            Enum.Parse<Surrogate>(golden.Text("surrogate")), Enum.Parse<PairSelection>(golden.Text("pairs")), golden.Float("temperature"), golden.Float("margin"));
        using PairwiseDifference operation = PairwiseDifference.Create(device, form, count);
        using Tensor<float> scores = device.Tensor(golden.Array("scores"));
        using Tensor<float> labels = device.Tensor(golden.Array("labels"));
        using Tensor<float> dScores = device.Unset(count);
        using Tensor<float> loss = device.Unset(1);
        operation.Compute(scores, labels, dScores, loss, count);
        AssertLoss(golden, loss, dScores);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "pointwise")]
    public void PointwiseLoss_LossAndGradient_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("pointwise", caseName);
        int count = golden.Int("count");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using PointwiseLoss operation = PointwiseLoss.Create(
            device, Enum.Parse<Surrogate>(golden.Text("surrogate")), count, golden.Float("temperature"), golden.Float("margin"));
        using Tensor<float> scores = device.Tensor(golden.Array("scores"));
        using Tensor<float> labels = device.Tensor(golden.Array("labels"));
        using Tensor<float> dScores = device.Unset(count);
        using Tensor<float> loss = device.Unset(1);
        operation.Compute(scores, labels, dScores, loss, count);
        AssertLoss(golden, loss, dScores);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "optimizers")]
    public void Optimizer_TenSteps_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("optimizers", caseName);
        int length = golden.Int("length");
        float rate = golden.Float("learningRate");
        float decay = golden.Float("weightDecay");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using SgdUpdate sgd = SgdUpdate.Create(device);
        using AdamUpdate adam = AdamUpdate.Create(device);
        using Tensor<float> parameters = device.Tensor(golden.Array("start"));
        using Tensor<float> gradients = device.Tensor(golden.Array("gradients"));
        using Tensor<float> first = device.Allocate(new Shape(length));
        using Tensor<float> second = device.Allocate(new Shape(length));
        using Tensor<float> numbers = device.Allocate(new Shape(2));
        for (int step = 0; step < 10; step++)
        {
            Tensor<float> gradient = gradients.Slice(step * length, new Shape(length));
            if (golden.Text("kind") == "sgd")
            {
                numbers.Write([rate]);
                sgd.Step(parameters, gradient, first, numbers, golden.Float("momentum"), golden.Flag("nesterov"), decay);
            }
            else
            {
                (float current, float scale) = AdamUpdate.Numbers(step + 1, rate, golden.Float("beta1"), golden.Float("beta2"));
                numbers.Write([current, scale]);
                adam.Step(parameters, gradient, first, second, numbers, golden.Float("beta1"), golden.Float("beta2"), golden.Float("epsilon"), decay);
            }
        }

        Numbers.AssertClose(golden.Expected("end"), parameters, 2e-6, 2e-6, "parameters");
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "perturbation")]
    public void BallStep_MoveProjectClip_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("perturbation", caseName);
        int count = golden.Int("count");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using BallStep operation = BallStep.Create(device, golden.Int("length"), count);
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> gradient = device.Tensor(golden.Array("gradient"));
        using Tensor<float> origin = device.Tensor(golden.Array("origin"));
        using Tensor<float> steps = device.Tensor(golden.Array("steps"));
        using Tensor<float> radii = device.Tensor(golden.Array("radii"));
        RowNorm norm = Enum.Parse<RowNorm>(golden.Text("norm"));
        operation.Step(x, gradient, origin, norm, steps, radii, golden.Float("low"), golden.Float("high"), count);
        Numbers.AssertClose(golden.Expected("y"), x, 1e-6, 2e-7, "x");
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceNames))]
    public void Relu_ForwardAndBackward_AsPyTorch(string deviceName)
    {
        GoldenCase golden = GoldenCase.Read("elementwise", "relu");
        int length = golden.Int("length");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Relu operation = Relu.Create(device);
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> dy = device.Tensor(golden.Array("dy"));
        operation.Forward(x, x, length);
        Assert.Equal(golden.Array("y"), x.ToArray());
        operation.Backward(x, dy, dy, length);
        Assert.Equal(golden.Array("dx"), dy.ToArray());
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "leakyRelu")]
    public void LeakyRelu_ForwardAndBackward_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("leakyRelu", caseName);
        int length = golden.Int("length");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using LeakyRelu operation = LeakyRelu.Create(device);
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> dy = device.Tensor(golden.Array("dy"));
        using Tensor<float> y = device.Unset(length);
        operation.Forward(x, golden.Float("slope"), y, length);
        operation.Backward(x, golden.Float("slope"), dy, dy, length);
        Numbers.AssertClose(golden.Expected("y"), y, 1e-6, 0, "y");
        Numbers.AssertClose(golden.Expected("dx"), dy, 1e-6, 0, "dx");
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceNames))]
    public void ChannelOrder_ToChannelsFirst_IsPyTorchsFlatten(string deviceName)
    {
        GoldenCase golden = GoldenCase.Read("elementwise", "flatten");
        int count = golden.Int("count");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using ChannelOrder operation = ChannelOrder.Create(device, golden.Int("pixels"), golden.Int("channels"));
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> y = device.Unset(x.Length);
        operation.ToChannelsFirst(x, y, count);
        Assert.Equal(golden.Array("y"), y.ToArray());
    }

    private static void AssertLoss(GoldenCase golden, Tensor<float> loss, Tensor<float> dScores)
    {
        Numbers.AssertClose(golden.Expected("loss"), loss, 2e-6, 0, "loss");
        double[] expected = golden.Expected("dScores");
        Numbers.AssertClose(expected, dScores, 2e-5, 1e-7 * expected.Max(Math.Abs), "dScores");
    }
}
