using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>Picks and puts back rows (samples) by index; stored bytes are scaled to [0, 1] on the way.</summary>
public abstract class RowGather(ComputeDevice device) : Operation(device)
{
    public static RowGather Create(ComputeDevice device) => device switch
    {
        SimdDevice simd => new RowGatherSimd(simd),
        IlgpuDevice ilgpu => new RowGatherIlgpu(ilgpu),
        _ => throw NoKernel(device, nameof(RowGather)),
    };

    /// <summary>y[i, :] = x[rows[i], :] / 255 for i below <paramref name="count"/>; a row has <paramref name="length"/> bytes.</summary>
    public void Gather(Tensor<byte> x, Tensor<int> rows, Tensor<float> y, int length, int count)
    {
        Check(x, length, nameof(x));
        Check(rows, count, nameof(rows));
        Check(y, (long)count * length, nameof(y));
        GatherCore(x, rows, y, length, count);
    }

    /// <summary>y[i, :] = x[rows[i], :].</summary>
    public void Gather(Tensor<float> x, Tensor<int> rows, Tensor<float> y, int length, int count)
    {
        Check(x, length, nameof(x));
        Check(rows, count, nameof(rows));
        Check(y, (long)count * length, nameof(y));
        GatherCore(x, rows, y, length, count);
    }

    /// <summary>y[rows[i], :] = x[i, :]; the rows are distinct.</summary>
    public void Scatter(Tensor<float> x, Tensor<int> rows, Tensor<float> y, int length, int count)
    {
        Check(x, (long)count * length, nameof(x));
        Check(rows, count, nameof(rows));
        Check(y, length, nameof(y));
        ScatterCore(x, rows, y, length, count);
    }

    protected abstract void GatherCore(Tensor<byte> x, Tensor<int> rows, Tensor<float> y, int length, int count);

    protected abstract void GatherCore(Tensor<float> x, Tensor<int> rows, Tensor<float> y, int length, int count);

    protected abstract void ScatterCore(Tensor<float> x, Tensor<int> rows, Tensor<float> y, int length, int count);
}
