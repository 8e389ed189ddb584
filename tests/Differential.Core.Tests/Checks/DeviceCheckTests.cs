using Differential.Core.Checks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Checks;

public sealed class DeviceCheckTests
{
    [SkippableTheory]
    [InlineData("simd", MatrixPrecision.Float32, 5)]
    [InlineData("opencl", MatrixPrecision.Float32, 5)]
    [InlineData("cuda", MatrixPrecision.Float32, 5)]
    [InlineData("cuda", MatrixPrecision.Tf32, 4)]
    [InlineData("cuda", MatrixPrecision.Fp16, 4)]
    public void Run_ADeviceThatIsRight_PassesEachPart(string name, MatrixPrecision precision, int parts)
    {
        using ComputeDevice device = Devices.Open(name, new DeviceOptions { Precision = precision });

        DeviceCheckResult[] results = [.. DeviceCheck.Run(device, precision, CancellationToken.None)];

        Assert.Equal(parts, results.Length);
        Assert.All(results, static result => Assert.True(result.Passed, result.ToString()));
        Assert.True(name != "simd" || results.All(static result => result.Difference == 0));
    }

    [Theory]
    [InlineData(0, true, true)]
    [InlineData(1e-4, true, true)]
    [InlineData(2e-4, true, false)]
    [InlineData(0, false, false)]
    [InlineData(double.PositiveInfinity, true, false)]
    public void Passed_NeedsSmallDifferencesAndTheSameBits(double difference, bool isRepeated, bool passes) =>
        Assert.Equal(passes, new DeviceCheckResult("training", difference, 1e-4, isRepeated).Passed);

    [SkippableFact]
    public void Run_ADeviceThatFails_SaysWhyPartByPart()
    {
        using ComputeDevice device = Devices.Open("ilgpu-cpu", new DeviceOptions { DriverFault = static call => call.StartsWith("PairwiseKernels", StringComparison.Ordinal) ? "CUDA_ERROR_UNKNOWN" : null });

        DeviceCheckResult first = DeviceCheck.Run(device, MatrixPrecision.Float32, CancellationToken.None).First();

        Assert.False(first.Passed);
        Assert.Contains("failed while starting PairwiseKernels", first.Error!, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        using var device = new SimdDevice(threads: 1);
        Assert.Throws<OperationCanceledException>(() => DeviceCheck.Run(device, MatrixPrecision.Float32, new CancellationToken(canceled: true)).Count());
    }
}
