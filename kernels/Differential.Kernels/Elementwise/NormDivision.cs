using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Elementwise;

/// <summary>
/// y = x / σ with a norm σ of x that lies on the device, and the gradient through both (spectral normalisation, Miyato
/// et al. 2018): no number goes to the host.
/// </summary>
public abstract class NormDivision(ComputeDevice device) : Operation(device)
{
    public static NormDivision Create(ComputeDevice device)
    {
        return device switch
        {
            SimdDevice simd => new NormDivisionSimd(simd),
            IlgpuDevice ilgpu => new NormDivisionIlgpu(ilgpu),
            _ => throw NoKernel(device, nameof(NormDivision)),
        };
    }

    /// <summary>y = x / sigma[0]; all 0 where sigma[0] is 0. y may be x.</summary>
    public void Forward(Tensor<float> x, Tensor<float> sigma, Tensor<float> y, int length)
    {
        Check(x, length, nameof(x));
        Check(sigma, 1, nameof(sigma));
        Check(y, length, nameof(y));
        ForwardCore(x, sigma, y, length);
    }

    /// <summary>
    /// dx = (dy − dot[0]·dSigma) / sigma[0], where dot is ⟨dy, y⟩ and dSigma the derivative of σ by x; all 0 where sigma[0]
    /// is 0. dx may be dy.
    /// </summary>
    public void Backward(Tensor<float> dy, Tensor<float> dot, Tensor<float> dSigma, Tensor<float> sigma, Tensor<float> dx, int length)
    {
        Check(dy, length, nameof(dy));
        Check(dot, 1, nameof(dot));
        Check(dSigma, length, nameof(dSigma));
        Check(sigma, 1, nameof(sigma));
        Check(dx, length, nameof(dx));
        BackwardCore(dy, dot, dSigma, sigma, dx, length);
    }

    protected abstract void ForwardCore(Tensor<float> x, Tensor<float> sigma, Tensor<float> y, int length);

    protected abstract void BackwardCore(Tensor<float> dy, Tensor<float> dot, Tensor<float> dSigma, Tensor<float> sigma, Tensor<float> dx, int length);
}
