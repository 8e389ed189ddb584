using System.Diagnostics;
using System.Reflection;
using Differential.Kernels.Tensors;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Differential.Kernels.Devices;

/// <summary>
/// A device that ILGPU drives: one accelerator, one stream, and every kernel compiled once, at its first use, and kept.
/// One host thread at a time (on OpenCL a kernel's arguments are shared between threads).
/// </summary>
internal sealed class IlgpuDevice : ComputeDevice
{
    private readonly Context _context;
    private readonly DeviceOptions _options;
    private readonly Dictionary<MethodInfo, object> _kernels = [];
    private long _allocated;
    private bool _disposed;

    private IlgpuDevice(DeviceInfo info, Context context, Accelerator accelerator, DeviceOptions options)
        : base(info)
    {
        _context = context;
        _options = options;
        Accelerator = accelerator;
        Stream = accelerator.CreateStream();
        Staging = new StagingRing(this);
        int largest = Math.Min(256, accelerator.MaxNumThreadsPerGroup);
        GroupSize = 1 << (31 - int.LeadingZeroCount(info.Kind == DeviceKind.IlgpuCpu ? 16 : largest));
    }

    public override long AllocatedBytes => Interlocked.Read(ref _allocated);

    internal Accelerator Accelerator { get; }

    internal AcceleratorStream Stream { get; }

    internal StagingRing Staging { get; }

    /// <summary>The kernels compiled so far.</summary>
    internal IReadOnlyCollection<MethodInfo> Kernels => _kernels.Keys;

    /// <summary>Threads of a group in elementwise and row kernels: a power of two, at most 256.</summary>
    internal int GroupSize { get; }

    /// <summary>Groups that keep the whole device busy; on the simulator a small number, so that tests split work too.</summary>
    internal int BusyGroups => Info.Kind == DeviceKind.IlgpuCpu ? 4 : Accelerator.NumMultiprocessors;

    /// <summary>True for the simulator, on which kernels take their smallest tiles.</summary>
    internal bool IsSimulator => Info.Kind == DeviceKind.IlgpuCpu;

    public static IlgpuDevice Open(DeviceInfo info, Context context, Device device, DeviceOptions options)
    {
        try
        {
            Accelerator accelerator = device.CreateAccelerator(context);
            try
            {
                return new IlgpuDevice(info, context, accelerator, options);
            }
            catch
            {
                accelerator.Dispose();
                throw;
            }
        }
        catch (AcceleratorException exception)
        {
            throw new DeviceLostException($"{info.Id} cannot be opened: {Describe(exception)}", exception);
        }
    }

    public override void Synchronize()
    {
        try
        {
            Accelerator.Bind();
            Stream.Synchronize();
        }
        catch (AcceleratorException exception)
        {
            throw Lost("waiting for queued work", exception);
        }
    }

    /// <summary>The elements of a tensor as a kernel sees them.</summary>
    internal static ArrayView<T> View<T>(Tensor<T> tensor)
        where T : unmanaged => ((IlgpuStorage<T>)tensor.Storage).View(tensor.Offset, tensor.Length);

    /// <summary>True where a tensor may be read in units of four floats.</summary>
    internal static bool IsAligned(Tensor<float> tensor) => tensor.Offset % 4 == 0;

    /// <summary>The kernel of a static method, compiled at the first request.</summary>
    internal IlgpuKernel<TArguments> Load<TArguments>(Action<TArguments> body)
        where TArguments : struct
    {
        if (_kernels.TryGetValue(body.Method, out object? known))
        {
            return (IlgpuKernel<TArguments>)known;
        }

        long start = Stopwatch.GetTimestamp();
        Accelerator.Bind();
        IlgpuKernel<TArguments> kernel;
        try
        {
            kernel = new IlgpuKernel<TArguments>(this, IlgpuKernel<TArguments>.NameOf(body.Method), Accelerator.LoadKernel(body));
        }
        catch (Exception exception)
        {
            // One failed compilation leaves the context's caches in a state in which later ones fail too.
            _context.ClearCache(ClearCacheMode.Everything);
            throw new NotSupportedException($"{IlgpuKernel<TArguments>.NameOf(body.Method)} does not compile for {Info.Id}: {exception.Message}", exception);
        }

        _kernels.Add(body.Method, kernel);
        _options.KernelCompiled?.Invoke(Info.Id, kernel.Name, Stopwatch.GetElapsedTime(start));
        return kernel;
    }

    internal void Track(long bytes) => Interlocked.Add(ref _allocated, bytes);

    internal DeviceLostException Lost(string action, AcceleratorException exception) =>
        new($"{Info.Id} failed while {action}: {Describe(exception)}", exception);

    internal DeviceMemoryException NoRoom(long bytes, Exception exception)
    {
        string total = Info.MemoryBytes > 0 ? $" of {Info.MemoryBytes:N0}" : string.Empty;
        return new DeviceMemoryException($"no room for {bytes:N0} bytes on {Info.Id}, beside {AllocatedBytes:N0}{total} bytes already taken", exception);
    }

    internal static bool IsMemoryError(Exception exception) => exception switch
    {
        OutOfMemoryException => true,
        CudaException cuda => cuda.Error == nameof(CudaError.CUDA_ERROR_OUT_OF_MEMORY) || cuda.Message.Contains("memory", StringComparison.OrdinalIgnoreCase),
        CLException cl => cl.Error is CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE or CLError.CL_OUT_OF_RESOURCES or CLError.CL_OUT_OF_HOST_MEMORY or CLError.CL_INVALID_BUFFER_SIZE,
        _ => false,
    };

    protected override TensorStorage<T> AllocateStorage<T>(int length) => new IlgpuStorage<T>(this, length);

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _kernels.Clear();
        try
        {
            Accelerator.Bind();
            Staging.Dispose();
            Stream.Dispose();
            Accelerator.Dispose();
        }
        catch (AcceleratorException)
        {
            // A lost device refuses to be closed in order; the driver frees its memory with the process.
        }
    }

    private static string Describe(AcceleratorException exception) => exception switch
    {
        CLException cl => cl.Error.ToString(),
        CudaException cuda => $"{cuda.Error}: {cuda.Message}",
        _ => exception.Message,
    };
}
