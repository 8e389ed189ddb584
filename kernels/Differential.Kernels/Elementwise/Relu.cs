using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Elementwise;

/// <summary>y = max(x, 0) and its gradient, element by element. NaN stays NaN. y may be x, dx may be dy.</summary>
public abstract class Relu(ComputeDevice device) : Operation(device)
{
    public static Relu Create(ComputeDevice device)
    {
        return device switch
        {
            SimdDevice simd => new ReluSimd(simd),
            IlgpuDevice ilgpu => new ReluIlgpu(ilgpu),
            _ => throw NoKernel(device, nameof(Relu)),
        };
    }

    public void Forward(Tensor<float> x, Tensor<float> y, int length)
    {
        Check(x, length, nameof(x));
        Check(y, length, nameof(y));
        ForwardCore(x, y, length);
    }

    /// <summary>dx = dy where y > 0, else 0.</summary>
    public void Backward(Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int length)
    {
        Check(y, length, nameof(y));
        Check(dy, length, nameof(dy));
        Check(dx, length, nameof(dx));
        BackwardCore(y, dy, dx, length);
    }

    protected abstract void ForwardCore(Tensor<float> x, Tensor<float> y, int length);

    protected abstract void BackwardCore(Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int length);
}
