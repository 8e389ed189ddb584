using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>
/// Arithmetic of rows (samples) of [count, length], each with its own factors: clipping, norms, dot products and combinations.
/// Sums over a row have a fixed order.
/// </summary>
public abstract class RowArithmetic : RowOperation
{
    private protected RowArithmetic(ComputeDevice device, int length, int maxCount)
        : base(device, length, maxCount)
    {
    }

    public static RowArithmetic Create(ComputeDevice device, int length, int maxCount) => device switch
    {
        SimdDevice simd => new RowArithmeticSimd(simd, length, maxCount),
        IlgpuDevice ilgpu => new RowArithmeticIlgpu(ilgpu, length, maxCount),
        _ => throw NoKernel(device, nameof(RowArithmetic)),
    };

    /// <summary>x ← min(max(x, low), high).</summary>
    public void Clip(Tensor<float> x, float low, float high, int count)
    {
        CheckRows(count, x);
        ClipCore(x, low, high, count);
    }

    /// <summary>norms[i] = ‖x[i] − y[i]‖, or ‖x[i]‖ where y is null.</summary>
    public void Norms(Tensor<float> x, Tensor<float>? y, RowNorm norm, Tensor<float> norms, int count)
    {
        CheckRows(count, x);
        if (y is not null)
        {
            CheckRows(count, y);
        }

        Check(norms, count, nameof(norms));
        NormsCore(x, y, norm, norms, count);
    }

    /// <summary>dots[i] = ⟨x[i], y[i]⟩.</summary>
    public void Dots(Tensor<float> x, Tensor<float> y, Tensor<float> dots, int count)
    {
        CheckRows(count, x, y);
        Check(dots, count, nameof(dots));
        DotsCore(x, y, dots, count);
    }

    /// <summary>z[i] = a[i]·x[i] + b[i]·y[i], row by row; z may be x or y.</summary>
    public void Combine(Tensor<float> a, Tensor<float> x, Tensor<float> b, Tensor<float> y, Tensor<float> z, int count)
    {
        CheckRows(count, x, y, z);
        Check(a, count, nameof(a));
        Check(b, count, nameof(b));
        CombineCore(a, x, b, y, z, count);
    }

    protected abstract void ClipCore(Tensor<float> x, float low, float high, int count);

    protected abstract void NormsCore(Tensor<float> x, Tensor<float>? y, RowNorm norm, Tensor<float> norms, int count);

    protected abstract void DotsCore(Tensor<float> x, Tensor<float> y, Tensor<float> dots, int count);

    protected abstract void CombineCore(Tensor<float> a, Tensor<float> x, Tensor<float> b, Tensor<float> y, Tensor<float> z, int count);
}
