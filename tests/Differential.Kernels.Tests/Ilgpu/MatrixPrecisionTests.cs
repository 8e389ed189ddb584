using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;
using ILGPU.Runtime.CPU;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>On ILGPU's CPU accelerator with warps of 32 threads and the matrix instruction done in software: the same kernels that CUDA gets.</summary>
[Collection(IlgpuDevices.Collection)]
public sealed class MatrixPrecisionTests : MatrixPrecisionCases, IDisposable
{
    private readonly Context _context = IlgpuContext.Create(builder => builder.CPU(new CPUDevice(32, 1, 1)));

    [Theory]
    [InlineData(1, 0x3F800000)]
    [InlineData(-0f, unchecked((int)0x80000000))]
    [InlineData(1.00048828125, 0x3F802000)]
    [InlineData(-1.00048828125, unchecked((int)0xBF802000))]
    [InlineData(1.00048816204, 0x3F800000)]
    [InlineData(float.MaxValue, 0x7F800000)]
    [InlineData(float.NegativeInfinity, unchecked((int)0xFF800000))]
    [InlineData(float.NaN, 0x7FFFE000)]
    public void RoundTf32_Edges_NearestAndTiesAwayFromZero(float value, int bits) => Assert.Equal(bits, MatrixInstruction.RoundTf32(value));

    [Fact]
    public void PackHalves_TwoFloats_FirstInTheLowerBits()
    {
        Assert.Equal(0x3C00 | unchecked((int)0xC0000000), MatrixInstruction.PackHalves(1, -2));
        Assert.Equal(0x7C00 | (0x0001 << 16), MatrixInstruction.PackHalves(65520, 6e-8f));
    }

    [Fact]
    public void Open_PrecisionThatTheDeviceLacks_IsRefused()
    {
        DeviceInfo simd = DeviceCatalog.Discover().Find("simd");
        Assert.Throws<NotSupportedException>(() => DeviceCatalog.Open(simd, new DeviceOptions { Precision = MatrixPrecision.Tf32 }));
        DeviceInfo simulator = DeviceCatalog.Discover().Find("ilgpu-cpu");
        Assert.Equal([MatrixPrecision.Float32], simulator.Precisions);
    }

    public void Dispose() => _context.Dispose();

    protected override ComputeDevice Open(MatrixPrecision precision) => IlgpuDevice.Open(
        new DeviceInfo(DeviceKind.IlgpuCpu, "ilgpu-cpu", "warps of 32 threads", 0, string.Empty),
        _context,
        _context.Devices.Single(),
        new DeviceOptions { Precision = precision });
}
