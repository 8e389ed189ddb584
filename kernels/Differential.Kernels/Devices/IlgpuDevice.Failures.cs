using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Differential.Kernels.Devices;

/// <content>The driver's errors, and the end of a device that has failed.</content>
internal sealed partial class IlgpuDevice
{
    // Two of the driver's numbers that ILGPU has no names for.
    private const string NoCompiler = "221";
    private const string UnsupportedPtx = "222";

    /// <summary>Whether a call of the driver has failed: the device can only be disposed.</summary>
    internal bool IsLost { get; private set; }

    /// <summary>To be called before each call of the driver: fails it where a test asks for that.</summary>
    internal void Driver(string call)
    {
        if (_options.DriverFault?.Invoke(call) is { } error)
        {
            throw new InjectedDriverException(error);
        }
    }

    /// <summary>The error of a failed call; while work is recorded, which fails alone and leaves the device as it is, that the driver refuses it.</summary>
    internal Exception Lost(string action, AcceleratorException exception)
    {
        if (IsRecording)
        {
            return new GraphRefusedException($"{action}: {Describe(exception)}", exception);
        }

        IsLost = true;
        return new DeviceLostException($"{Info.Id} ({Info.Name}) failed while {action}: {Describe(exception)}", exception);
    }

    internal DeviceMemoryException NoRoom(long bytes, Exception exception)
    {
        string total = Info.MemoryBytes > 0 ? $" of {Info.MemoryBytes:N0}" : string.Empty;
        return new DeviceMemoryException($"no room for {bytes:N0} bytes on {Info.Id}, beside {AllocatedBytes:N0}{total} bytes already taken", exception) { HeldBytes = HeldBytes };
    }

    internal static bool IsMemoryError(Exception exception) => exception switch
    {
        OutOfMemoryException => true,
        CudaException cuda => cuda.Error == nameof(CudaError.CUDA_ERROR_OUT_OF_MEMORY),
        CLException cl => cl.Error is CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE or CLError.CL_OUT_OF_RESOURCES or CLError.CL_OUT_OF_HOST_MEMORY or CLError.CL_INVALID_BUFFER_SIZE,
        InjectedDriverException { Message: InjectedDriverException.OutOfMemory } => true,
        _ => false,
    };

    /// <summary>Runs a call that gives something back, whose failure changes nothing any more.</summary>
    internal void Quietly(Action call)
    {
        try
        {
            Accelerator.Bind();
            call();
        }
        catch (AcceleratorException)
        {
            // A device that has failed refuses to be tidied up; the driver takes all back with the context or the process.
            IsLost = true;
        }
    }

    /// <summary>
    /// Everything goes one by one, whatever fails: ILGPU's accelerator stops at the first child that it cannot close, keeps the
    /// context, and leaves the rest to finalizers, where a driver's error would end the process.
    /// </summary>
    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (IsPlanner)
        {
            return;
        }

        Quietly(Staging.Dispose);
        if (_uploads is not null)
        {
            Quietly(_uploads.Dispose);
        }

        foreach (IDisposable kernel in _kernels.Values.Cast<IDisposable>())
        {
            Quietly(kernel.Dispose);
        }

        _kernels.Clear();
        Quietly(Stream.Dispose);
        Quietly(Accelerator.DefaultStream.Dispose);
        Quietly(Accelerator.Dispose);
    }

    /// <summary>Errors that lie in a kernel's code, not in the device.</summary>
    private static bool IsCompilationError(AcceleratorException exception) => exception switch
    {
        CLException cl => cl.Error is CLError.CL_BUILD_PROGRAM_FAILURE or CLError.CL_COMPILE_PROGRAM_FAILURE or CLError.CL_LINK_PROGRAM_FAILURE
            or CLError.CL_INVALID_BINARY or CLError.CL_INVALID_PROGRAM or CLError.CL_INVALID_KERNEL or CLError.CL_INVALID_KERNEL_NAME or CLError.CL_INVALID_KERNEL_DEFINITION,
        CudaException cuda => cuda.Error is nameof(CudaError.CUDA_ERROR_INVALID_PTX)
            or nameof(CudaError.CUDA_ERROR_INVALID_IMAGE) or nameof(CudaError.CUDA_ERROR_INVALID_SOURCE) or nameof(CudaError.CUDA_ERROR_NO_BINARY_FOR_GPU)
            or nameof(CudaError.CUDA_ERROR_NOT_FOUND)
            or NoCompiler or UnsupportedPtx,
        _ => false,
    };

    private static string Describe(AcceleratorException exception) => exception switch
    {
        CLException cl => cl.Error.ToString(),
        CudaException cuda => $"{cuda.Error}: {cuda.Message.ReplaceLineEndings(" ")}",
        _ => exception.Message.ReplaceLineEndings(" "),
    };
}
