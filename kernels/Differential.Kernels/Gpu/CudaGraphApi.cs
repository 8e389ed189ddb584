using System.Runtime.InteropServices;

namespace Differential.Kernels.Gpu;

/// <summary>The functions of the CUDA driver for stream capture and graphs (CUDA 11.4 and newer), which ILGPU does not bind.</summary>
internal sealed unsafe class CudaGraphApi
{
    /// <summary>CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: calls that would spoil a recording are refused to the thread that records, not to others.</summary>
    private const int ThreadLocal = 1;

    private static readonly Lazy<CudaGraphApi?> Loaded = new(Load);

    private readonly delegate* unmanaged<nint, int, int> _beginCapture;
    private readonly delegate* unmanaged<nint, nint*, int> _endCapture;
    private readonly delegate* unmanaged<nint*, nint, ulong, int> _instantiate;
    private readonly delegate* unmanaged<nint, nint, int> _launch;
    private readonly delegate* unmanaged<nint, int> _destroyExecutable;
    private readonly delegate* unmanaged<nint, int> _destroyGraph;
    private readonly delegate* unmanaged<int, byte**, int> _errorName;

    private CudaGraphApi(nint library)
    {
        _beginCapture = (delegate* unmanaged<nint, int, int>)NativeLibrary.GetExport(library, "cuStreamBeginCapture_v2");
        _endCapture = (delegate* unmanaged<nint, nint*, int>)NativeLibrary.GetExport(library, "cuStreamEndCapture");
        _instantiate = (delegate* unmanaged<nint*, nint, ulong, int>)NativeLibrary.GetExport(library, "cuGraphInstantiateWithFlags");
        _launch = (delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "cuGraphLaunch");
        _destroyExecutable = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuGraphExecDestroy");
        _destroyGraph = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuGraphDestroy");
        _errorName = (delegate* unmanaged<int, byte**, int>)NativeLibrary.GetExport(library, "cuGetErrorName");
    }

    /// <summary>Null where the driver is missing or has no graphs.</summary>
    public static CudaGraphApi? Instance => Loaded.Value;

    public int BeginCapture(nint stream) => _beginCapture(stream, ThreadLocal);

    public int EndCapture(nint stream, out nint graph)
    {
        fixed (nint* pointer = &graph)
        {
            return _endCapture(stream, pointer);
        }
    }

    public int Instantiate(nint graph, out nint executable)
    {
        fixed (nint* pointer = &executable)
        {
            return _instantiate(pointer, graph, 0);
        }
    }

    public int Launch(nint executable, nint stream) => _launch(executable, stream);

    public int DestroyExecutable(nint executable) => _destroyExecutable(executable);

    public int DestroyGraph(nint graph) => _destroyGraph(graph);

    /// <summary>The driver's name of an error, e.g. CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED.</summary>
    public string NameOf(int error)
    {
        byte* name = null;
        return _errorName(error, &name) == 0 && name is not null ? Marshal.PtrToStringUTF8((nint)name)! : $"error {error}";
    }

    private static CudaGraphApi? Load()
    {
        try
        {
            return IlgpuContext.TryLoadDriver("cuda", out nint library) ? new CudaGraphApi(library) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }
}
