using Differential.Kernels.Devices;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>On CUDA's tensor cores.</summary>
[Collection(IlgpuDevices.Collection)]
public sealed class CudaMatrixPrecisionTests : MatrixPrecisionCases
{
    protected override ComputeDevice Open(MatrixPrecision precision)
    {
        try
        {
            DeviceInfo info = DeviceCatalog.Discover().Find("cuda");
            Skip.IfNot(info.Precisions.Contains(precision), $"cuda: {info.Name} has no matrix products in {precision}");
            return DeviceCatalog.Open(info, new DeviceOptions { Precision = precision });
        }
        catch (DeviceNotFoundException exception)
        {
            Skip.If(true, $"cuda: {exception.Message}");
            throw;
        }
    }
}
