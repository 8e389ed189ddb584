using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>Each call is one launch, the whole projected step included.</summary>
internal sealed class BallStepIlgpu(IlgpuDevice device, int length, int maxCount) : BallStep(device, length, maxCount)
{
    protected override void StepCore(Tensor<float> x, Tensor<float> gradient, Tensor<float> origin, RowNorm norm, Tensor<float> steps, Tensor<float> radii, float low, float high, int count)
    {
        RowArguments arguments = RowArguments.Of(Length, x, gradient, origin, steps, radii, count, low, high);
        Launch(norm, BallKernels.StepLinf, BallKernels.StepL2, arguments);
    }

    protected override void MoveCore(Tensor<float> x, Tensor<float> gradient, RowNorm norm, Tensor<float> steps, int count)
    {
        RowArguments arguments = RowArguments.Of(Length, x, gradient, x, steps, steps, count);
        Launch(norm, BallKernels.MoveLinf, BallKernels.MoveL2, arguments);
    }

    protected override void ProjectCore(Tensor<float> x, Tensor<float> origin, RowNorm norm, Tensor<float> radii, float low, float high, int count)
    {
        RowArguments arguments = RowArguments.Of(Length, x, x, origin, radii, radii, count, low, high);
        if (norm == RowNorm.L1)
        {
            device.Load<RowArguments>(BallKernels.ProjectL1).LaunchRows(count, arguments);
            return;
        }

        Launch(norm, BallKernels.ProjectLinf, BallKernels.ProjectL2, arguments);
    }

    private void Launch(RowNorm norm, Action<RowArguments> elements, Action<RowArguments> rows, in RowArguments arguments)
    {
        if (norm == RowNorm.Linf)
        {
            device.Load(elements).LaunchElements((long)arguments.Count * Length, arguments);
        }
        else
        {
            device.Load(rows).LaunchRows(arguments.Count, arguments);
        }
    }
}
