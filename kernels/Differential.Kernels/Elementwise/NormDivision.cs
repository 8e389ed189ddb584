using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>
/// y = x / σ with a norm σ of x that lies on the device, and the gradient through both (spectral normalisation, Miyato
/// et al. 2018): no number goes to the host.
/// </summary>
public abstract class NormDivision(ComputeDevice device) : Operation(device)
{
    public static NormDivision Create(ComputeDevice device) => device switch
    {
        SimdDevice simd => new NormDivisionSimd(simd),
        IlgpuDevice ilgpu => new NormDivisionIlgpu(ilgpu),
        _ => throw NoKernel(device, nameof(NormDivision)),
    };

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

/// <summary>Division by a norm and its gradient for every device.</summary>
internal static class NormDivisionOperator
{
    /// <summary>1 / σ, or 0 for σ = 0: a layer without weights stays one.</summary>
    public static float Inverse(float sigma) => sigma == 0 ? 0 : 1 / sigma;

    public static TVector Forward<TVector, TSimd>(TVector x, TVector inverse)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Multiply(x, inverse);

    public static TVector Backward<TVector, TSimd>(TVector dy, TVector dot, TVector dSigma, TVector inverse)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Multiply(TSimd.Subtract(dy, TSimd.Multiply(dot, dSigma)), inverse);
}

internal sealed unsafe class NormDivisionSimd(SimdDevice device) : NormDivision(device)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> sigma, Tensor<float> y, int length) =>
        ElementwiseLoop.Run(device, length, new ForwardBody(SimdDevice.Pointer(x), NormDivisionOperator.Inverse(*SimdDevice.Pointer(sigma)), SimdDevice.Pointer(y)));

    protected override void BackwardCore(Tensor<float> dy, Tensor<float> dot, Tensor<float> dSigma, Tensor<float> sigma, Tensor<float> dx, int length) =>
        ElementwiseLoop.Run(
            device,
            length,
            new BackwardBody(
                SimdDevice.Pointer(dy),
                *SimdDevice.Pointer(dot),
                SimdDevice.Pointer(dSigma),
                NormDivisionOperator.Inverse(*SimdDevice.Pointer(sigma)),
                SimdDevice.Pointer(dx)));

    private readonly struct ForwardBody(float* x, float inverse, float* y) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(NormDivisionOperator.Forward<TVector, TSimd>(TSimd.Load(x + index), TSimd.Broadcast(inverse)), y + index);
    }

    private readonly struct BackwardBody(float* dy, float dot, float* dSigma, float inverse, float* dx) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                NormDivisionOperator.Backward<TVector, TSimd>(
                    TSimd.Load(dy + index), TSimd.Broadcast(dot), TSimd.Load(dSigma + index), TSimd.Broadcast(inverse)),
                dx + index);
    }
}

internal sealed class NormDivisionIlgpu(IlgpuDevice device) : NormDivision(device)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> sigma, Tensor<float> y, int length) =>
        device.Load<Arguments>(Forward).LaunchElements(
            length, new(IlgpuDevice.View(x), IlgpuDevice.View(sigma), IlgpuDevice.View(x), IlgpuDevice.View(sigma), IlgpuDevice.View(y), length));

    protected override void BackwardCore(Tensor<float> dy, Tensor<float> dot, Tensor<float> dSigma, Tensor<float> sigma, Tensor<float> dx, int length) =>
        device.Load<Arguments>(Backward).LaunchElements(
            length, new(IlgpuDevice.View(dy), IlgpuDevice.View(dot), IlgpuDevice.View(dSigma), IlgpuDevice.View(sigma), IlgpuDevice.View(dx), length));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = NormDivisionOperator.Forward<float, SimdScalar>(arguments.Source[i], NormDivisionOperator.Inverse(arguments.Sigma[0]));
        }
    }

    internal static void Backward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = NormDivisionOperator.Backward<float, SimdScalar>(
                arguments.Source[i], arguments.Dot[0], arguments.DSigma[i], NormDivisionOperator.Inverse(arguments.Sigma[0]));
        }
    }

    internal readonly struct Arguments(
        ArrayView<float> source, ArrayView<float> dot, ArrayView<float> dSigma, ArrayView<float> sigma, ArrayView<float> target, int length)
    {
        public readonly ArrayView<float> Source = source;
        public readonly ArrayView<float> Dot = dot;
        public readonly ArrayView<float> DSigma = dSigma;
        public readonly ArrayView<float> Sigma = sigma;
        public readonly ArrayView<float> Target = target;
        public readonly int Length = length;
    }
}
