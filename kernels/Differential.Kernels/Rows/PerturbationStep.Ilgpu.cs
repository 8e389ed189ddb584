using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;

namespace Differential.Kernels.Rows;

/// <summary>Each call is one launch, the whole projected step included.</summary>
internal sealed class PerturbationStepIlgpu(IlgpuDevice device, int length, int maxCount) : PerturbationStep(device, length, maxCount)
{
    protected override void StepCore(Tensor<float> x, Tensor<float> gradient, Tensor<float> origin, PerturbationNorm norm, Tensor<float> steps, Tensor<float> radii, float low, float high, int count)
    {
        PerturbationArguments arguments = Arguments(x, gradient, origin, steps, radii, count, low, high);
        Launch(norm, PerturbationKernels.StepLinf, PerturbationKernels.StepL2, arguments);
    }

    protected override void MoveCore(Tensor<float> x, Tensor<float> gradient, PerturbationNorm norm, Tensor<float> steps, int count)
    {
        PerturbationArguments arguments = Arguments(x, gradient, x, steps, steps, count);
        Launch(norm, PerturbationKernels.MoveLinf, PerturbationKernels.MoveL2, arguments);
    }

    protected override void ProjectCore(Tensor<float> x, Tensor<float> origin, PerturbationNorm norm, Tensor<float> radii, float low, float high, int count)
    {
        PerturbationArguments arguments = Arguments(x, x, origin, radii, radii, count, low, high);
        Launch(norm, PerturbationKernels.ProjectLinf, PerturbationKernels.ProjectL2, arguments);
    }

    protected override void ClipCore(Tensor<float> x, float low, float high, int count) =>
        device.Load<PerturbationArguments>(PerturbationKernels.Clip).LaunchElements((long)count * Length, Arguments(x, x, x, x, x, count, low, high));

    protected override void NormsCore(Tensor<float> x, Tensor<float>? y, PerturbationNorm norm, Tensor<float> norms, int count)
    {
        PerturbationArguments arguments = Arguments(x, y ?? x, x, norms, norms, count);
        arguments.HasY = y is null ? 0 : 1;
        IlgpuKernel<PerturbationArguments> kernel = norm switch
        {
            PerturbationNorm.Linf => device.Load<PerturbationArguments>(PerturbationKernels.NormLinf),
            PerturbationNorm.L2 => device.Load<PerturbationArguments>(PerturbationKernels.NormL2),
            _ => device.Load<PerturbationArguments>(PerturbationKernels.NormL1),
        };
        kernel.LaunchRows(count, arguments);
    }

    protected override void DotsCore(Tensor<float> x, Tensor<float> y, Tensor<float> dots, int count) =>
        device.Load<PerturbationArguments>(PerturbationKernels.Dot).LaunchRows(count, Arguments(x, y, x, dots, dots, count));

    protected override void CombineCore(Tensor<float> a, Tensor<float> x, Tensor<float> b, Tensor<float> y, Tensor<float> z, int count) =>
        device.Load<PerturbationArguments>(PerturbationKernels.Combine).LaunchElements((long)count * Length, Arguments(x, y, z, a, b, count));

    private void Launch(PerturbationNorm norm, Action<PerturbationArguments> elements, Action<PerturbationArguments> rows, in PerturbationArguments arguments)
    {
        if (norm == PerturbationNorm.Linf)
        {
            device.Load(elements).LaunchElements((long)arguments.Count * Length, arguments);
        }
        else
        {
            device.Load(rows).LaunchRows(arguments.Count, arguments);
        }
    }

    private PerturbationArguments Arguments(Tensor<float> x, Tensor<float> y, Tensor<float> z, Tensor<float> a, Tensor<float> b, int count, float low = 0, float high = 0) =>
        new()
        {
            X = IlgpuDevice.View(x),
            Y = IlgpuDevice.View(y),
            Z = IlgpuDevice.View(z),
            A = IlgpuDevice.View(a),
            B = IlgpuDevice.View(b),
            Low = low,
            High = high,
            Count = count,
            Length = new Divisor(Length),
        };
}
