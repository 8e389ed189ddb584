using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Gpu;
using Differential.Kernels.Tests.Reference;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>Memory, catalogue and compilation of the ILGPU devices.</summary>
[Collection(IlgpuDevices.Collection)]
public class IlgpuDeviceTests(IlgpuDevices devices)
{
    public static TheoryData<string> Names => [.. IlgpuDevices.Names];

    [Fact]
    public void Catalog_EveryKind_IsThereOrSaysWhyNot()
    {
        DeviceCatalog catalog = DeviceCatalog.Discover();
        Assert.Contains(catalog.Available, d => d.Kind == DeviceKind.IlgpuCpu && !d.IsGpu);
        foreach ((DeviceKind kind, string id) in ((DeviceKind, string)[])[(DeviceKind.Cuda, "cuda"), (DeviceKind.OpenCl, "opencl")])
        {
            Assert.True(
                catalog.Available.Any(d => d.Kind == kind) || catalog.Missing.Any(m => m.Id == id && m.Reason.Length > 10),
                $"{id} is neither there nor missing for a reason");
        }
    }

    [Fact]
    public void Catalog_Auto_IsNeverTheSimulator() => Assert.NotEqual(DeviceKind.IlgpuCpu, DeviceCatalog.Discover().Auto.Kind);

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Tensor_WriteFillCopyRead_KeepsTheirOrder(string name)
    {
        ComputeDevice device = devices.Open(name);
        long before = device.AllocatedBytes;
        using (Tensor<float> a = device.Allocate(new Shape(11)))
        using (Tensor<float> b = device.Allocate(new Shape(11), Values.Random(1, 11)))
        {
            Assert.Equal(before + 88, device.AllocatedBytes);
            Assert.All(a.ToArray(), v => Assert.Equal(0, v));
            a.Slice(2, new Shape(5)).Fill(3);
            a.Slice(4, new Shape(4)).CopyFrom(b, 4);
            a.Slice(10, new Shape(1)).Write([7]);
            float[] source = Values.Random(1, 11);
            Assert.Equal([0, 0, 3, 3, source[0], source[1], source[2], source[3], 0, 0, 7], a.ToArray());
        }

        Assert.Equal(before, device.AllocatedBytes);
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Tensor_WriteBeyondTheStagingMemory_ArrivesWhole(string name)
    {
        ComputeDevice device = devices.Open(name);
        var values = new byte[(40 << 20) + 13];
        new Random(1).NextBytes(values);
        using Tensor<byte> tensor = device.Allocate<byte>(new Shape(values.Length));
        tensor.Write(values);
        Assert.True(values.AsSpan().SequenceEqual(tensor.ToArray()));
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Open_WithListener_TellsOfEachKernelOnce(string name)
    {
        devices.Open(name);
        List<string> kernels = [];
        DeviceInfo info = DeviceCatalog.Discover().Find(name);
        using ComputeDevice device = DeviceCatalog.Open(info, new DeviceOptions
        {
            KernelCompiled = (id, kernel, duration) =>
            {
                Assert.Equal(info.Id, id);
                Assert.True(duration > TimeSpan.Zero);
                kernels.Add(kernel);
            },
        });
        using Relu relu = Relu.Create(device);
        using Tensor<float> x = device.Allocate(new Shape(3), [-1, 0, 2]);
        relu.Forward(x, x, 3);
        relu.Forward(x, x, 3);
        Assert.Equal([0, 0, 2], x.ToArray());
        Assert.Equal(["ReluIlgpu.Forward"], kernels);
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Conv2d_TiledKernels_AsThePlainOnes(string name)
    {
        var device = (IlgpuDevice)devices.Open(name);
        var geometry = new Conv2dGeometry(7, 6, 4, 12, 3, 2, 1);
        const int Count = 3;
        using Conv2d tiled = Conv2d.Create(device, geometry, Count);
        using Tensor<float> x = device.Allocate(new Shape(Count * geometry.InputLength), Values.Random(1, Count * geometry.InputLength));
        using Tensor<float> weight = device.Allocate(new Shape(geometry.WeightLength), Values.Random(2, geometry.WeightLength));
        using Tensor<float> dy = device.Allocate(new Shape(Count * geometry.OutputLength), Values.Random(3, Count * geometry.OutputLength));
        using Tensor<float> tiledResult = device.Allocate(new Shape(Math.Max(x.Length, Math.Max(dy.Length, weight.Length))));
        using Tensor<float> plainResult = device.Allocate(tiledResult.Shape);

        tiled.Forward(x, weight, null, false, tiledResult, Count);
        Conv2dPlainKernels.Launch(device, Conv2dPlainKernels.Forward, geometry, Count, x, weight, plainResult, dy.Length);
        AssertClose(plainResult, tiledResult);

        tiled.BackwardInput(dy, weight, tiledResult, Count);
        Conv2dPlainKernels.Launch(device, Conv2dPlainKernels.BackwardInput, geometry, Count, plainResult, weight, dy, x.Length);
        AssertClose(plainResult, tiledResult);

        tiled.BackwardWeight(x, dy, tiledResult, null, Count);
        Conv2dPlainKernels.Launch(device, Conv2dPlainKernels.BackwardWeight, geometry, Count, x, plainResult, dy, weight.Length);
        AssertClose(plainResult, tiledResult);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(641)]
    [InlineData(65_536)]
    [InlineData(1_000_003)]
    [InlineData(int.MaxValue)]
    public void Divisor_AnyDividend_AsTheProcessorsDivision(int value)
    {
        var divisor = new Divisor(value);
        var random = new Random(value);
        int[] edges = [0, 1, value - 1, value, (int)Math.Min(int.MaxValue, (long)value + 1), int.MaxValue - 1, int.MaxValue];
        foreach (int n in edges.Concat(Enumerable.Range(0, 10_000).Select(_ => random.Next())))
        {
            Assert.Equal(n / value, divisor.Divide(n));
        }
    }

    private static void AssertClose(Tensor<float> expected, Tensor<float> actual)
    {
        float[] actualValues = actual.ToArray();
        Assert.All(expected.ToArray(), (value, i) => Assert.True(Math.Abs(value - actualValues[i]) <= 1e-5 + (1e-5 * Math.Abs(value)), $"element {i}: {actualValues[i]}, plain {value}"));
    }
}
