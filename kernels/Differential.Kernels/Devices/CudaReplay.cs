using Differential.Kernels.Gpu;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Differential.Kernels.Devices;

/// <summary>An instantiated CUDA graph.</summary>
internal sealed class CudaReplay(IlgpuDevice device, CudaGraphApi api, nint executable) : IReplay
{
    private nint _executable = executable;

    public void Launch()
    {
        try
        {
            device.Driver("replaying a graph");
            device.Accelerator.Bind();
            CudaException.ThrowIfFailed((CudaError)api.Launch(_executable, ((CudaStream)device.Stream).StreamPtr));
        }
        catch (AcceleratorException exception)
        {
            throw device.Lost("replaying a graph", exception);
        }
    }

    public void Dispose()
    {
        if (_executable != 0)
        {
            device.Quietly(() => api.DestroyExecutable(_executable));
            _executable = 0;
        }
    }
}
