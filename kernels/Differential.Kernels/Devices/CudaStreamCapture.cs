using Differential.Kernels.Gpu;
using ILGPU.Runtime.Cuda;

namespace Differential.Kernels.Devices;

/// <summary>Records the stream of a CUDA device as a CUDA graph.</summary>
internal sealed class CudaStreamCapture(IlgpuDevice device, CudaGraphApi api) : IStreamCapture
{
    private nint Stream => ((CudaStream)device.Stream).StreamPtr;

    public void Begin()
    {
        device.Accelerator.Bind();
        Take(api.BeginCapture(Stream), "beginning a stream capture");
        device.IsRecording = true;
    }

    public IReplay End()
    {
        device.IsRecording = false;
        int ended = api.EndCapture(Stream, out nint graph);
        if (graph != 0 && ended == 0)
        {
            int instantiated = api.Instantiate(graph, out nint executable);
            api.DestroyGraph(graph);
            Take(instantiated, "instantiating a graph");
            return new CudaReplay(device, api, executable);
        }

        Take(ended, "ending a stream capture");
        throw new GraphRefusedException("a stream capture gave no graph");
    }

    public void Abort()
    {
        // A capture that was spoilt gives no graph, and an error that says so once more.
        device.IsRecording = false;
        api.EndCapture(Stream, out nint graph);
        if (graph != 0)
        {
            api.DestroyGraph(graph);
        }
    }

    private void Take(int error, string action)
    {
        if (error != 0)
        {
            throw new GraphRefusedException($"{action}: {api.NameOf(error)}");
        }
    }
}
