using Differential.Kernels.Devices;

namespace Differential.Kernels.Gemm;

/// <summary>
/// A dense layer y = x·Wᵀ + b with an optional ReLU folded into the store, and its gradients. x [count, inputs],
/// W [outputs, inputs] as in PyTorch, y [count, outputs].
/// </summary>
public abstract class Dense : Operation
{
    protected Dense(ComputeDevice device, int inputs, int outputs, int maxBatch)
        : base(device)
    {
        Inputs = inputs;
        Outputs = outputs;
        MaxBatch = maxBatch;
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Largest number of rows in one call.</summary>
    public int MaxBatch { get; }

    /// <summary>Plans a dense layer; workspaces are allocated here.</summary>
    public static Dense Create(ComputeDevice device, int inputs, int outputs, int maxBatch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        return device switch
        {
            SimdDevice simd => new DenseSimd(simd, inputs, outputs, maxBatch),
            IlgpuDevice ilgpu => new DenseIlgpu(ilgpu, inputs, outputs, maxBatch),
            _ => throw NoKernel(device, nameof(Dense)),
        };
    }

    /// <summary>y = x·Wᵀ + b, then max(y, 0) where <paramref name="relu"/>.</summary>
    public void Forward(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, bool relu, Tensor<float> y, int count)
    {
        CheckCount(count);
        Check(x, (long)count * Inputs, nameof(x));
        Check(weight, (long)Inputs * Outputs, nameof(weight));
        Check(y, (long)count * Outputs, nameof(y));
        if (bias is not null)
        {
            Check(bias, Outputs, nameof(bias));
        }

        ForwardCore(x, weight, bias, relu, y, count);
    }

    /// <summary>dx = dy·W, overwritten.</summary>
    public void BackwardInput(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count)
    {
        CheckCount(count);
        Check(dy, (long)count * Outputs, nameof(dy));
        Check(weight, (long)Inputs * Outputs, nameof(weight));
        Check(dx, (long)count * Inputs, nameof(dx));
        BackwardInputCore(dy, weight, dx, count);
    }

    /// <summary>dW = dyᵀ·x and db = Σ dy, both overwritten; sums run over rows in order.</summary>
    public void BackwardWeight(Tensor<float> x, Tensor<float> dy, Tensor<float> dWeight, Tensor<float>? dBias, int count)
    {
        CheckCount(count);
        Check(x, (long)count * Inputs, nameof(x));
        Check(dy, (long)count * Outputs, nameof(dy));
        Check(dWeight, (long)Inputs * Outputs, nameof(dWeight));
        if (dBias is not null)
        {
            Check(dBias, Outputs, nameof(dBias));
        }

        BackwardWeightCore(x, dy, dWeight, dBias, count);
    }

    protected abstract void ForwardCore(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, bool relu, Tensor<float> y, int count);

    protected abstract void BackwardInputCore(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count);

    protected abstract void BackwardWeightCore(Tensor<float> x, Tensor<float> dy, Tensor<float> dWeight, Tensor<float>? dBias, int count);

    private void CheckCount(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxBatch);
    }
}
