using System.Runtime.InteropServices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Devices;

/// <summary>The managed device: vector instructions over native memory, work split over a bounded number of threads.</summary>
public sealed unsafe class SimdDevice : ComputeDevice
{
    private readonly WorkerPool? _pool;

    /// <param name="threads">Number of threads, the caller's included; 0 takes one per core.</param>
    public SimdDevice(int threads = 0)
        : this(threads, maxVectorBits: 512)
    {
    }

    /// <param name="threads">Number of threads, the caller's included; 0 takes one per core.</param>
    /// <param name="maxVectorBits">Widest vectors to use: 512, 256, 128, or 32 for none.</param>
    /// <param name="memoryLimit">Most bytes that may be allocated; 0 takes what there is.</param>
    /// <param name="convolution">How the convolutions of training steps are computed.</param>
    internal SimdDevice(int threads, int maxVectorBits, long memoryLimit = 0, ConvolutionMethod convolution = ConvolutionMethod.Direct)
        : base(Describe(threads, SimdWidth.Widest(maxVectorBits)), memoryLimit)
    {
        Threads = threads > 0 ? threads : Environment.ProcessorCount;
        VectorBits = SimdWidth.Widest(maxVectorBits);
        Convolution = convolution;
        Tiles = TileSet.Create(VectorBits);
        Workspace = new Workspace(this);
        _pool = new WorkerPool(Threads);
    }

    private SimdDevice(SimdDevice planned)
        : base(planned.Info)
    {
        Threads = planned.Threads;
        VectorBits = planned.VectorBits;
        Convolution = planned.Convolution;
        Tiles = planned.Tiles;
        Workspace = new Workspace(this);
        IsPlanner = true;
    }

    public int Threads { get; }

    /// <summary>Width of the vectors this device computes with; 32 is one float at a time.</summary>
    public int VectorBits { get; }

    public override ConvolutionMethod Convolution { get; }

    /// <summary>The multiply kernels of this width.</summary>
    internal TileSet Tiles { get; }

    /// <summary>What operations need within a call.</summary>
    internal Workspace Workspace { get; }

    public static DeviceInfo Describe(int threads) => Describe(threads, SimdWidth.Widest());

    private static DeviceInfo Describe(int threads, int width)
    {
        int count = threads > 0 ? threads : Environment.ProcessorCount;
        return new DeviceInfo(
            DeviceKind.Simd,
            "simd",
            $"{RuntimeInformation.ProcessArchitecture} CPU",
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            $"{width}-bit vectors, {count} thread{(count == 1 ? string.Empty : "s")}")
        {
            VectorBits = width,
        };
    }

    public override ComputeDevice CreatePlanner() => new SimdDevice(this);

    public override void Synchronize()
    {
        // Every operation has finished when its call returns.
    }

    /// <summary>
    /// Runs <paramref name="body"/> for each chunk 0 … chunks − 1 and returns when all are done. Which thread takes
    /// which chunk is not fixed: a chunk must write only what is its own, and reductions over chunks are done
    /// afterwards in chunk order, so that results do not depend on the number of threads.
    /// </summary>
    internal void For<TBody>(int chunks, TBody body)
        where TBody : struct, IChunkBody => (_pool ?? throw new InvalidOperationException("a planner computes nothing")).Run(chunks, body);

    internal static float* Pointer(Tensor<float> tensor) => ((SimdStorage<float>)tensor.Storage).Pointer + tensor.Offset;

    internal static byte* Pointer(Tensor<byte> tensor) => ((SimdStorage<byte>)tensor.Storage).Pointer + tensor.Offset;

    internal static int* Pointer(Tensor<int> tensor) => ((SimdStorage<int>)tensor.Storage).Pointer + tensor.Offset;

    protected override TensorStorage<T> AllocateStorage<T>(int length)
    {
        try
        {
            return new SimdStorage<T>(this, length);
        }
        catch (OutOfMemoryException exception)
        {
            throw new DeviceMemoryException($"no room for {(long)length * sizeof(T):N0} bytes on simd, beside {AllocatedBytes:N0} already taken", exception) { HeldBytes = HeldBytes };
        }
    }

    protected override long FreeBytes() => Info.MemoryBytes > 0 ? Info.MemoryBytes - HeldBytes : long.MaxValue;

    protected override void Dispose(bool disposing) => _pool?.Dispose();
}
