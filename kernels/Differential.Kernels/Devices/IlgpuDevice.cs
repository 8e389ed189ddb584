using System.Diagnostics;
using System.Reflection;
using Differential.Kernels.Gpu;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Differential.Kernels.Devices;

/// <summary>
/// A device that ILGPU drives: one accelerator, one stream, and every kernel compiled once, at its first use, and kept.
/// One host thread at a time (on OpenCL a kernel's arguments are shared between threads).
/// </summary>
internal sealed partial class IlgpuDevice : ComputeDevice
{
    /// <summary>CUDA hands memory out in units of this.</summary>
    private const long CudaUnit = 512;

    /// <summary>Left on CUDA to the code and the local memory of kernels that are not loaded yet.</summary>
    private const long CudaHeadroom = 64L << 20;

    private readonly Context _context;
    private readonly DeviceOptions _options;
    private readonly IlgpuDevice? _planned;
    private readonly Dictionary<MethodInfo, object> _kernels = [];
    private AcceleratorStream? _uploads;
    private bool _graphsRefused;
    private bool _disposed;

    private IlgpuDevice(DeviceInfo info, Context context, Accelerator accelerator, DeviceOptions options)
        : base(info, options.MemoryLimit)
    {
        _context = context;
        _options = options;
        Accelerator = accelerator;
        Stream = accelerator.CreateStream();
        Staging = new StagingRing(this);
        int largest = Math.Min(256, accelerator.MaxNumThreadsPerGroup);
        GroupSize = 1 << (31 - int.LeadingZeroCount(info.Kind == DeviceKind.IlgpuCpu ? 16 : largest));
    }

    private IlgpuDevice(IlgpuDevice planned)
        : base(planned.Info)
    {
        _planned = planned;
        _context = planned._context;
        _options = planned._options;
        Accelerator = planned.Accelerator;
        Stream = planned.Stream;
        Staging = planned.Staging;
        GroupSize = planned.GroupSize;
        IsPlanner = true;
    }

    internal Accelerator Accelerator { get; }

    internal AcceleratorStream Stream { get; }

    /// <summary>A second queue: what it copies runs beside the kernels of <see cref="Stream"/>.</summary>
    internal AcceleratorStream Uploads => _uploads ??= Accelerator.CreateStream();

    internal StagingRing Staging { get; }

    /// <summary>How often the host has waited for <see cref="Stream"/>: what was queued before the latest wait is done.</summary>
    internal long Waits { get; private set; }

    /// <summary>Whether <see cref="Stream"/> records what is put into it.</summary>
    internal bool IsRecording { get; set; }

    /// <summary>What compares the calls of a graph's work, while it is queued on the simulator.</summary>
    internal RepetitionCheck? Repetition { get; set; }

    /// <summary>The kernels compiled so far.</summary>
    internal IReadOnlyCollection<MethodInfo> Kernels => _kernels.Keys;

    /// <summary>What the kernels that were started take of a multiprocessor.</summary>
    internal IReadOnlyList<KernelFootprint> Footprints => [.. _kernels.Values.OfType<ILaunchedKernel>().Select(static kernel => kernel.Footprint()).OfType<KernelFootprint>()];

    /// <summary>Threads of a group in elementwise and row kernels: a power of two, at most 256.</summary>
    internal int GroupSize { get; }

    /// <summary>Groups that keep the whole device busy; on the simulator a small number, so that tests split work too.</summary>
    internal int BusyGroups => Info.Kind == DeviceKind.IlgpuCpu ? 4 : Accelerator.NumMultiprocessors;

    /// <summary>What matrix products round their factors to.</summary>
    internal MatrixPrecision Precision => _options.Precision;

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

    public override ComputeDevice CreatePlanner() => new IlgpuDevice(this);

    public override DeviceGraph CreateGraph()
    {
        if (!_options.Graphs || _graphsRefused)
        {
            return base.CreateGraph();
        }

        if (Accelerator is CudaAccelerator && CudaGraphApi.Instance is { } api)
        {
            return new CapturedGraph(this, new CudaStreamCapture(this, api), RefuseGraphs);
        }

        return IsSimulator ? new RepetitionCheck(this) : base.CreateGraph();
    }

    public override void Synchronize()
    {
        RefuseInGraph("waiting");
        try
        {
            Driver("waiting for queued work");
            Accelerator.Bind();
            Wait();
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
        if (_planned is not null)
        {
            return _planned.Load(body);
        }

        if (_kernels.TryGetValue(body.Method, out object? known))
        {
            return (IlgpuKernel<TArguments>)known;
        }

        long start = Stopwatch.GetTimestamp();
        string name = IlgpuKernel<TArguments>.NameOf(body.Method);
        IlgpuKernel<TArguments> kernel;
        try
        {
            Driver("loading a kernel");
            Accelerator.Bind();
            kernel = new IlgpuKernel<TArguments>(this, name, Accelerator.LoadKernel(body));
        }
        catch (AcceleratorException exception) when (!IsCompilationError(exception))
        {
            throw IsMemoryError(exception) ? NoRoom(0, exception) : Lost($"loading {name}", exception);
        }
        catch (Exception exception)
        {
            // One failed compilation leaves the context's caches in a state in which later ones fail too.
            _context.ClearCache(ClearCacheMode.Everything);
            throw new NotSupportedException($"{name} does not compile for {Info.Id}: {exception.Message}", exception);
        }

        _kernels.Add(body.Method, kernel);
        _options.KernelCompiled?.Invoke(Info.Id, kernel.Name, Stopwatch.GetElapsedTime(start));
        return kernel;
    }

    /// <summary>Host memory that copies to the device run from; the caller owns it.</summary>
    internal PageLockedArray1D<byte> AllocatePageLocked(int length)
    {
        try
        {
            Driver("allocating page-locked memory");
            Accelerator.Bind();
            return Accelerator.AllocatePageLocked1D<byte>(length);
        }
        catch (Exception exception) when (IsMemoryError(exception))
        {
            throw NoRoom(length, exception);
        }
        catch (AcceleratorException exception)
        {
            throw Lost("allocating page-locked memory", exception);
        }
    }

    /// <summary>Waits for <see cref="Stream"/>.</summary>
    internal void Wait()
    {
        Stream.Synchronize();
        Waits++;
    }

    /// <summary>What one graph could not record others need not try.</summary>
    private void RefuseGraphs(string reason)
    {
        if (!_graphsRefused)
        {
            _graphsRefused = true;
            _options.GraphsRefused?.Invoke(Info.Id, reason);
        }
    }

    protected override TensorStorage<T> AllocateStorage<T>(int length) => new IlgpuStorage<T>(this, length);

    protected override long RoundUp(long bytes) => Info.Kind == DeviceKind.Cuda ? (bytes + CudaUnit - 1) / CudaUnit * CudaUnit : bytes;

    protected override long FreeBytes()
    {
        if (Accelerator is CudaAccelerator cuda)
        {
            try
            {
                return cuda.GetFreeMemory() - CudaHeadroom;
            }
            catch (AcceleratorException exception)
            {
                throw Lost("asking for its free memory", exception);
            }
        }

        return Info.MemoryBytes > 0 ? Info.MemoryBytes - HeldBytes : long.MaxValue;
    }
}
