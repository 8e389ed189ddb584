using Differential.Kernels.Devices;

namespace Differential.Kernels.Normalization;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy 2015) of [rows, channels], as PyTorch computes it: y = (x − mean) / √(variance + ε) · weight + bias for
/// each channel. A training pass takes mean and biased variance over the rows and moves the running ones by the momentum, the variance with its
/// unbiased estimate; other passes take the running ones. Sums over rows have a fixed order, whatever the number of threads.
/// </summary>
public abstract class BatchNorm : Operation
{
    /// <summary>Rows that one partial sum adds up, at least.</summary>
    private const int FewestRows = 64;

    /// <summary>Partial sums of a channel, at most.</summary>
    private const int MostBlocks = 512;

    private readonly Tensor<float> _statistics;
    private readonly Tensor<float> _sums;
    private bool _isTraining;

    private protected BatchNorm(ComputeDevice device, BatchNormGeometry geometry)
        : base(device)
    {
        Geometry = geometry;
        int channels = geometry.Channels;
        _statistics = device.Allocate(new Shape(2 * channels));
        _sums = device.Allocate(new Shape(2 * channels));
        Partials = device.Allocate(new Shape(Blocks(geometry.MaxRows) * 2 * channels));
        Zeros = device.Allocate(new Shape(channels));
        Mean = _statistics.Slice(0, new Shape(channels));
        Inverse = _statistics.Slice(channels, new Shape(channels));
    }

    public BatchNormGeometry Geometry { get; }

    /// <summary>[channels]: the mean of the latest forward pass.</summary>
    protected Tensor<float> Mean { get; }

    /// <summary>[channels]: its 1 / √(variance + ε).</summary>
    protected Tensor<float> Inverse { get; }

    /// <summary>[2, channels]: the latest sums.</summary>
    protected Tensor<float> Sums => _sums;

    /// <summary>[blocks, 2, channels].</summary>
    protected Tensor<float> Partials { get; }

    /// <summary>[channels].</summary>
    protected Tensor<float> Zeros { get; }

    public static BatchNorm Create(ComputeDevice device, BatchNormGeometry geometry)
    {
        geometry.Validate();
        return device switch
        {
            SimdDevice simd => new BatchNormSimd(simd, geometry),
            IlgpuDevice ilgpu => new BatchNormIlgpu(ilgpu, geometry),
            _ => throw NoKernel(device, nameof(BatchNorm)),
        };
    }

    /// <summary>A training step's pass: statistics of these rows, which move the running ones.</summary>
    /// <param name="x">[rows, channels].</param>
    /// <param name="values">The layer's parameters and running statistics.</param>
    /// <param name="y">Overwritten.</param>
    /// <param name="rows">At least 1.</param>
    /// <param name="relu">Whether max(y, 0) is stored.</param>
    public void ForwardTrain(Tensor<float> x, BatchNormValues values, Tensor<float> y, int rows, bool relu)
    {
        CheckRows(rows, x, y);
        CheckValues(values);

        // The mean first, then squares of differences from it, which do not cancel.
        SumsCore(x, Zeros, x, Zeros, 1f / rows, rows);
        Mean.CopyFrom(Sums, Geometry.Channels);
        SumsCore(x, Mean, x, Mean, 1f / rows, rows);
        FinishCore(values, rows);
        NormalizeCore(x, values, y, rows, relu ? 0 : float.NegativeInfinity);
        _isTraining = true;
    }

    /// <summary>An evaluation's pass, with the running statistics.</summary>
    public void ForwardInfer(Tensor<float> x, BatchNormValues values, Tensor<float> y, int rows, bool relu)
    {
        CheckRows(rows, x, y);
        CheckValues(values);
        TakeRunningCore(values);
        NormalizeCore(x, values, y, rows, relu ? 0 : float.NegativeInfinity);
        _isTraining = false;
    }

    /// <summary>The output of the latest pass again, from the same x. The running statistics stay.</summary>
    public void Repeat(Tensor<float> x, BatchNormValues values, Tensor<float> y, int rows, bool relu)
    {
        CheckRows(rows, x, y);
        CheckValues(values);
        NormalizeCore(x, values, y, rows, relu ? 0 : float.NegativeInfinity);
    }

    /// <summary>dWeight = Σ dy·(x − mean)/√(variance + ε) and dBias = Σ dy of the latest training pass, both overwritten. Before <see cref="BackwardInput"/>.</summary>
    public void BackwardParameters(Tensor<float> x, Tensor<float> dy, Tensor<float> dWeight, Tensor<float> dBias, int rows)
    {
        CheckRows(rows, x, dy);
        Check(dWeight, Geometry.Channels, nameof(dWeight));
        Check(dBias, Geometry.Channels, nameof(dBias));
        SumsCore(dy, Zeros, x, Mean, 1, rows);
        ParametersCore(dWeight, dBias);
    }

    /// <summary>
    /// dx of the latest pass. Of a training pass weight/√(variance + ε) · (dy − dBias/rows − x̂·dWeight/rows), since the statistics depend on
    /// x too; of others weight/√(variance + ε) · dy. dx may be dy or x.
    /// </summary>
    public void BackwardInput(Tensor<float> x, Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int rows)
    {
        CheckRows(rows, x, dy, dx);
        Check(weight, Geometry.Channels, nameof(weight));
        BackwardInputCore(x, dy, weight, dx, rows, _isTraining ? 1f / rows : 0);
    }

    /// <summary>
    /// The weights and the bias of a linear map before the normalisation that, with the running statistics, does the work of both: each of its
    /// outputs is a channel.
    /// </summary>
    /// <param name="weight">[channels, …] of the map.</param>
    /// <param name="bias">[channels] of the map; null for none.</param>
    /// <param name="values">The normalisation's.</param>
    /// <param name="foldedWeight">Overwritten; as long as <paramref name="weight"/>.</param>
    /// <param name="foldedBias">Overwritten; [channels].</param>
    public void Fold(Tensor<float> weight, Tensor<float>? bias, BatchNormValues values, Tensor<float> foldedWeight, Tensor<float> foldedBias)
    {
        ArgumentNullException.ThrowIfNull(weight);
        Check(weight, Geometry.Channels, nameof(weight));
        ArgumentOutOfRangeException.ThrowIfNotEqual(weight.Length % Geometry.Channels, 0, nameof(weight));
        CheckValues(values);
        Check(foldedWeight, weight.Length, nameof(foldedWeight));
        Check(foldedBias, Geometry.Channels, nameof(foldedBias));
        TakeRunningCore(values);
        FoldCore(weight, bias ?? Zeros, values, foldedWeight, foldedBias);
    }

    /// <summary>Partial sums of so many rows; a function of their number alone.</summary>
    internal static int Blocks(int rows) => (rows + RowsPerBlock(rows) - 1) / RowsPerBlock(rows);

    /// <summary>Rows of a partial sum.</summary>
    protected static int RowsPerBlock(int rows) => Math.Max(FewestRows, (rows + MostBlocks - 1) / MostBlocks);

    /// <summary>Sums = factor · (Σ (a − centerA), Σ (a − centerA)·(b − centerB)) over the rows.</summary>
    protected abstract void SumsCore(Tensor<float> a, Tensor<float> centerA, Tensor<float> b, Tensor<float> centerB, float factor, int rows);

    /// <summary>From Mean, and the means in Sums of differences and of their squares: Mean, Inverse and the running statistics.</summary>
    protected abstract void FinishCore(BatchNormValues values, int rows);

    /// <summary>Mean and Inverse become those of the running statistics.</summary>
    protected abstract void TakeRunningCore(BatchNormValues values);

    protected abstract void NormalizeCore(Tensor<float> x, BatchNormValues values, Tensor<float> y, int rows, float floor);

    /// <summary>From Sums of dy and of dy·(x − mean).</summary>
    protected abstract void ParametersCore(Tensor<float> dWeight, Tensor<float> dBias);

    /// <param name="x">The input.</param>
    /// <param name="dy">The gradient by the output.</param>
    /// <param name="weight">[channels].</param>
    /// <param name="dx">Overwritten.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="share">1/rows, by which Sums are taken off; 0 where the statistics are given.</param>
    protected abstract void BackwardInputCore(Tensor<float> x, Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int rows, float share);

    protected abstract void FoldCore(Tensor<float> weight, Tensor<float> bias, BatchNormValues values, Tensor<float> foldedWeight, Tensor<float> foldedBias);

    protected override void Dispose(bool disposing)
    {
        _statistics.Dispose();
        _sums.Dispose();
        Partials.Dispose();
        Zeros.Dispose();
        base.Dispose(disposing);
    }

    private void CheckRows(int rows, params ReadOnlySpan<Tensor<float>> tensors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Geometry.MaxRows);
        foreach (Tensor<float> tensor in tensors)
        {
            Check(tensor, (long)rows * Geometry.Channels, nameof(tensors));
        }
    }

    private void CheckValues(BatchNormValues values)
    {
        foreach (Tensor<float> tensor in (ReadOnlySpan<Tensor<float>>)[values.Weight, values.Bias, values.RunningMean, values.RunningVariance])
        {
            Check(tensor, Geometry.Channels, nameof(values));
        }
    }
}
