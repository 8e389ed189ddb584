using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Golden;

/// <summary>The operations that only networks from other programs have, on each device, against PyTorch's numbers.</summary>
public class GoldenImportedTests
{
    public static TheoryData<string, string> Cases(string file) => TestDevices.With(GoldenCase.Read(file).Select(c => c.Name));

    [SkippableTheory]
    [MemberData(nameof(Cases), "groupConv2d")]
    public void GroupConv2d_ForwardAndGradientByInputs_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("groupConv2d", caseName);
        int count = golden.Int("count");
        (int[] size, int[] stride, int[] dilation, int[] pads) = (golden.Ints("size"), golden.Ints("stride"), golden.Ints("dilation"), golden.Ints("pads"));
        var geometry = new GroupConv2dGeometry(
            golden.Int("height"), golden.Int("width"), golden.Int("channels"), golden.Int("filters"), golden.Int("groups"),
            new WindowSteps(size[0], stride[0], dilation[0], pads[0], pads[2]), new WindowSteps(size[1], stride[1], dilation[1], pads[1], pads[3]));
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using GroupConv2d operation = GroupConv2d.Create(device, geometry);
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> weight = device.Tensor(golden.Array("weight"));
        using Tensor<float> bias = device.Tensor(golden.Array("bias"));
        using Tensor<float> dy = device.Tensor(golden.Array("dy"));
        using Tensor<float> y = device.Unset(dy.Length);
        using Tensor<float> dx = device.Unset(x.Length);
        operation.Forward(x, weight, bias, y, count);
        operation.BackwardInput(dy, weight, dx, count);
        golden.AssertAll(("y", y), ("dx", dx));
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "activation")]
    public void Activation_ValueAndGradient_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("activation", caseName);
        int length = golden.Int("length");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Activation operation = Activation.Create(device, Enum.Parse<ActivationKind>(golden.Text("kind")), golden.Float("a"), golden.Float("b"));
        using Tensor<float> x = device.Tensor(golden.Array("x"));
        using Tensor<float> dy = device.Tensor(golden.Array("dy"));
        using Tensor<float> y = device.Unset(length);
        operation.Forward(x, y, length);
        operation.Backward(x, dy, dy, length);
        golden.AssertAll(("y", y), ("dx", dy));
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "arithmetic")]
    public void Arithmetic_ValueAndGradients_AsPyTorch(string deviceName, string caseName)
    {
        GoldenCase golden = GoldenCase.Read("arithmetic", caseName);
        int length = golden.Int("length");
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using ElementArithmetic operation = ElementArithmetic.Create(device, Enum.Parse<ArithmeticKind>(golden.Text("kind")));
        using Tensor<float> a = device.Tensor(golden.Array("a"));
        using Tensor<float> b = device.Tensor(golden.Array("b"));
        using Tensor<float> dy = device.Tensor(golden.Array("dy"));
        using Tensor<float> y = device.Unset(length);
        using Tensor<float> da = device.Unset(length);
        operation.Forward(a, b, y, length);
        operation.Backward(0, a, b, dy, da, length);
        operation.Backward(1, a, b, dy, dy, length);
        golden.AssertAll(("y", y), ("da", da), ("db", dy));
    }
}
