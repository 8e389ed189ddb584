using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>
/// The products of one operation: picks tiles and splits by the product's size and the device, and owns the memory for
/// the splits' partial sums.
/// </summary>
internal sealed class GemmPlan : IDisposable
{
    /// <summary>Fewer slabs of k than this a split are not worth the second pass.</summary>
    private const int SlabsPerSplit = 8;

    private readonly IlgpuDevice _device;
    private readonly Tensor<float> _partials;

    public GemmPlan(IlgpuDevice device)
    {
        _device = device;

        // Splitting stops at twice the busy groups and rounds up, so that this holds every product's partial sums.
        int area = !device.IsSimulator ? WideTile.Rows * WideTile.Columns
            : device.Precision == MatrixPrecision.Float32 ? SimulatorTile.Rows * SimulatorTile.Columns
            : SimulatedWarpTile.Rows * SimulatedWarpTile.Columns;
        _partials = device.Allocate(new Shape(3 * device.BusyGroups * area));
    }

    /// <summary>Queues C[rows, columns] = Σₖ A(r, k)·B(c, k) with k below <paramref name="depth"/>.</summary>
    public void Multiply<TA, TB, TSink>(in TA a, in TB b, in TSink sink, int rows, int columns, int depth)
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TSink : struct, ISink
    {
        if (_device.IsSimulator && _device.Precision != MatrixPrecision.Float32)
        {
            Multiply<SimulatedWarpTile, TA, TB, TSink>(a, b, sink, rows, columns, depth);
        }
        else if (_device.IsSimulator)
        {
            Multiply<SimulatorTile, TA, TB, TSink>(a, b, sink, rows, columns, depth);
        }
        else if (columns <= NarrowTile.Columns)
        {
            Multiply<NarrowTile, TA, TB, TSink>(a, b, sink, rows, columns, depth);
        }
        else
        {
            Multiply<WideTile, TA, TB, TSink>(a, b, sink, rows, columns, depth);
        }
    }

    public void Dispose() => _partials.Dispose();

    private void Multiply<TTile, TA, TB, TSink>(in TA a, in TB b, in TSink sink, int rows, int columns, int depth)
        where TTile : struct, ITile
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TSink : struct, ISink
    {
        int threads = TTile.Rows * TTile.Columns / 64;
        int rowTiles = Ceiling(rows, TTile.Rows);
        int columnTiles = Ceiling(columns, TTile.Columns);
        int slab = _device.Precision == MatrixPrecision.Fp16 ? TTile.Depth * Fp16Format.Steps : TTile.Depth;
        int slabs = Ceiling(depth, slab);
        int splits = Splits(rowTiles * columnTiles, slabs);
        int slabsPerSplit = Ceiling(slabs, splits);
        splits = Ceiling(slabs, slabsPerSplit);
        var groups = new Index3D(rowTiles, columnTiles, splits);
        if (splits == 1)
        {
            _device.Load(Kernel<TTile, TA, TB, TSink>())
                .Launch(groups, threads, new(a, b, sink, rows, depth, depth));
            return;
        }

        int padded = Ceiling(columns, 4) * 4;
        ArrayView<float> partials = IlgpuDevice.View(_partials);
        _device.Load(Kernel<TTile, TA, TB, PartialSink>())
            .Launch(groups, threads, new(a, b, new PartialSink(partials, rows, padded), rows, depth, slabsPerSplit * slab));
        _device.Load<SplitArguments<TSink>>(SplitKernel.Run)
            .LaunchElements((long)rows * padded / 4, new(partials, sink, rows, padded, splits));
    }

    private Action<GemmArguments<TA, TB, TSink>> Kernel<TTile, TA, TB, TSink>()
        where TTile : struct, ITile
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TSink : struct, ISink => _device.Precision switch
        {
            MatrixPrecision.Tf32 => MatrixKernel.Run<TTile, Tf32Format, TA, TB, TSink>,
            MatrixPrecision.Fp16 => MatrixKernel.Run<TTile, Fp16Format, TA, TB, TSink>,
            _ => GemmKernel.Run<TTile, TA, TB, TSink>,
        };

    private int Splits(int tiles, int slabs)
    {
        if (tiles >= _device.BusyGroups)
        {
            return 1;
        }

        int most = Math.Max(1, slabs / (_device.IsSimulator ? 1 : SlabsPerSplit));
        return Math.Min(most, Ceiling(2 * _device.BusyGroups, tiles));
    }

    private static int Ceiling(int value, int divisor) => (value + divisor - 1) / divisor;
}
