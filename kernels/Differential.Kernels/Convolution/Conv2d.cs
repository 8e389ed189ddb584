using Differential.Kernels.Devices;

namespace Differential.Kernels.Convolution;

/// <summary>
/// 2-D convolution with bias and an optional ReLU folded into the store, and its gradients. Activations are
/// [count, height, width, channels] (channels last), weights [filters, channels, size, size] as in PyTorch.
/// Gradient reductions over images have a fixed order that does not depend on the number of threads.
/// </summary>
public abstract class Conv2d : Operation
{
    protected Conv2d(ComputeDevice device, Conv2dGeometry geometry, int maxBatch)
        : base(device)
    {
        Geometry = geometry;
        MaxBatch = maxBatch;
    }

    public Conv2dGeometry Geometry { get; }

    /// <summary>Largest number of images in one call.</summary>
    public int MaxBatch { get; }

    /// <summary>Plans a convolution; workspaces are allocated here, or by the first call that needs them.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="geometry">Its sizes.</param>
    /// <param name="maxBatch">Largest number of images in one call, at least 1.</param>
    /// <param name="method">How it is computed on the SIMD device; other devices know the direct way only.</param>
    public static Conv2d Create(ComputeDevice device, Conv2dGeometry geometry, int maxBatch, ConvolutionMethod method = ConvolutionMethod.Direct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        geometry.Validate();
        return device switch
        {
            SimdDevice simd when method == ConvolutionMethod.Fast && HasFast(device, geometry) => new Conv2dWinograd(simd, geometry, maxBatch),
            SimdDevice simd => new Conv2dSimd(simd, geometry, maxBatch),
            IlgpuDevice ilgpu => new Conv2dIlgpu(ilgpu, geometry, maxBatch),
            _ => throw NoKernel(device, nameof(Conv2d)),
        };
    }

    /// <summary>Whether <see cref="ConvolutionMethod.Fast"/> computes anything in another way than the direct one.</summary>
    public static bool HasFast(ComputeDevice device, Conv2dGeometry geometry) => device is SimdDevice simd && WinogradGrid.Suits(simd.Tiles, geometry);

    /// <summary>Allocates the workspaces of these directions now and not at their first call.</summary>
    /// <param name="backwardInput">Whether <see cref="BackwardInput"/> will be called.</param>
    /// <param name="backwardWeight">Whether <see cref="BackwardWeight"/> will be called.</param>
    public virtual void Reserve(bool backwardInput, bool backwardWeight)
    {
    }

    /// <summary>y = x ∗ w + b, then max(y, 0) where <paramref name="relu"/>.</summary>
    public void Forward(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, bool relu, Tensor<float> y, int count)
    {
        CheckCount(count);
        Check(x, (long)count * Geometry.InputLength, nameof(x));
        Check(weight, Geometry.WeightLength, nameof(weight));
        Check(y, (long)count * Geometry.OutputLength, nameof(y));
        if (bias is not null)
        {
            Check(bias, Geometry.Filters, nameof(bias));
        }

        ForwardCore(x, weight, bias, relu, y, count);
    }

    /// <summary>dx = the gradient by the input. <paramref name="dx"/> is overwritten.</summary>
    public void BackwardInput(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count)
    {
        CheckCount(count);
        Check(dy, (long)count * Geometry.OutputLength, nameof(dy));
        Check(weight, Geometry.WeightLength, nameof(weight));
        Check(dx, (long)count * Geometry.InputLength, nameof(dx));
        BackwardInputCore(dy, weight, dx, count);
    }

    /// <summary>The gradients by weights and bias, summed over the images. Both are overwritten.</summary>
    public void BackwardWeight(Tensor<float> x, Tensor<float> dy, Tensor<float> dWeight, Tensor<float>? dBias, int count)
    {
        CheckCount(count);
        Check(x, (long)count * Geometry.InputLength, nameof(x));
        Check(dy, (long)count * Geometry.OutputLength, nameof(dy));
        Check(dWeight, Geometry.WeightLength, nameof(dWeight));
        if (dBias is not null)
        {
            Check(dBias, Geometry.Filters, nameof(dBias));
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
