using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>
/// The step of attacks on rows (samples) of [count, length], each with its own step and radius: steepest ascent, projection on a ball,
/// and clipping. <see cref="Move"/> and <see cref="Project"/> are its parts. Sums over a row have a fixed order.
/// </summary>
public abstract class BallStep : RowOperation
{
    private protected BallStep(ComputeDevice device, int length, int maxCount)
        : base(device, length, maxCount)
    {
    }

    public static BallStep Create(ComputeDevice device, int length, int maxCount) => device switch
    {
        SimdDevice simd => new BallStepSimd(simd, length, maxCount),
        IlgpuDevice ilgpu => new BallStepIlgpu(ilgpu, length, maxCount),
        _ => throw NoKernel(device, nameof(BallStep)),
    };

    /// <summary>
    /// One projected step: x ← clip(origin + project(x + a·u − origin, ε), low, high), where u is the gradient's sign
    /// (L∞) or the gradient over its Euclidean norm (L2; 0 for a zero gradient), a = steps[i] and ε = radii[i].
    /// A positive step climbs along the gradient.
    /// </summary>
    public void Step(Tensor<float> x, Tensor<float> gradient, Tensor<float> origin, RowNorm norm, Tensor<float> steps, Tensor<float> radii, float low, float high, int count)
    {
        CheckRows(count, x, gradient, origin);
        CheckStep(norm);
        Check(steps, count, nameof(steps));
        Check(radii, count, nameof(radii));
        StepCore(x, gradient, origin, norm, steps, radii, low, high, count);
    }

    /// <summary>x ← x + a·u without projection and clipping; u and a as in <see cref="Step"/>.</summary>
    public void Move(Tensor<float> x, Tensor<float> gradient, RowNorm norm, Tensor<float> steps, int count)
    {
        CheckRows(count, x, gradient);
        CheckStep(norm);
        Check(steps, count, nameof(steps));
        MoveCore(x, gradient, norm, steps, count);
    }

    /// <summary>
    /// x ← clip(origin + project(x − origin, radii[i]), low, high): the nearest point of the ball, then of the box. In L1 each change is made smaller by the
    /// same threshold, and those below it end (Duchi, Shalev-Shwartz, Singer and Chandra 2008).
    /// </summary>
    public void Project(Tensor<float> x, Tensor<float> origin, RowNorm norm, Tensor<float> radii, float low, float high, int count)
    {
        CheckRows(count, x, origin);
        Check(radii, count, nameof(radii));
        ProjectCore(x, origin, norm, radii, low, high, count);
    }

    protected abstract void StepCore(Tensor<float> x, Tensor<float> gradient, Tensor<float> origin, RowNorm norm, Tensor<float> steps, Tensor<float> radii, float low, float high, int count);

    protected abstract void MoveCore(Tensor<float> x, Tensor<float> gradient, RowNorm norm, Tensor<float> steps, int count);

    protected abstract void ProjectCore(Tensor<float> x, Tensor<float> origin, RowNorm norm, Tensor<float> radii, float low, float high, int count);

    private static void CheckStep(RowNorm norm)
    {
        if (norm == RowNorm.L1)
        {
            throw new ArgumentOutOfRangeException(nameof(norm), norm, "steps are for linf and l2");
        }
    }
}
