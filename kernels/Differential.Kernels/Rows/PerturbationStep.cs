using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>
/// The arithmetic of attacks on rows (samples) of [count, length], each with its own radius and step: steepest-descent
/// steps, projection on a ball, clipping, norms and dot products. Everything but <see cref="Step"/> is a part of it.
/// Sums over a row have a fixed order.
/// </summary>
public abstract class PerturbationStep : Operation
{
    protected PerturbationStep(ComputeDevice device, int length, int maxCount)
        : base(device)
    {
        Length = length;
        MaxCount = maxCount;
    }

    /// <summary>Elements of a sample.</summary>
    public int Length { get; }

    /// <summary>Largest number of samples in one call.</summary>
    public int MaxCount { get; }

    public static PerturbationStep Create(ComputeDevice device, int length, int maxCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        return device switch
        {
            SimdDevice simd => new PerturbationStepSimd(simd, length, maxCount),
            IlgpuDevice ilgpu => new PerturbationStepIlgpu(ilgpu, length, maxCount),
            _ => throw NoKernel(device, nameof(PerturbationStep)),
        };
    }

    /// <summary>
    /// One projected step: x ← clip(origin + project(x + a·u − origin, ε), low, high), where u is the gradient's sign
    /// (L∞) or the gradient over its Euclidean norm (L2; 0 for a zero gradient), a = steps[i] and ε = radii[i].
    /// A positive step climbs along the gradient.
    /// </summary>
    public void Step(Tensor<float> x, Tensor<float> gradient, Tensor<float> origin, PerturbationNorm norm, Tensor<float> steps, Tensor<float> radii, float low, float high, int count)
    {
        CheckRows(count, x, gradient, origin);
        CheckBall(norm);
        Check(steps, count, nameof(steps));
        Check(radii, count, nameof(radii));
        StepCore(x, gradient, origin, norm, steps, radii, low, high, count);
    }

    /// <summary>x ← x + a·u without projection and clipping; u and a as in <see cref="Step"/>.</summary>
    public void Move(Tensor<float> x, Tensor<float> gradient, PerturbationNorm norm, Tensor<float> steps, int count)
    {
        CheckRows(count, x, gradient);
        CheckBall(norm);
        Check(steps, count, nameof(steps));
        MoveCore(x, gradient, norm, steps, count);
    }

    /// <summary>x ← clip(origin + project(x − origin, radii[i]), low, high).</summary>
    public void Project(Tensor<float> x, Tensor<float> origin, PerturbationNorm norm, Tensor<float> radii, float low, float high, int count)
    {
        CheckRows(count, x, origin);
        CheckBall(norm);
        Check(radii, count, nameof(radii));
        ProjectCore(x, origin, norm, radii, low, high, count);
    }

    /// <summary>x ← min(max(x, low), high).</summary>
    public void Clip(Tensor<float> x, float low, float high, int count)
    {
        CheckRows(count, x);
        ClipCore(x, low, high, count);
    }

    /// <summary>norms[i] = ‖x[i] − y[i]‖, or ‖x[i]‖ where y is null.</summary>
    public void Norms(Tensor<float> x, Tensor<float>? y, PerturbationNorm norm, Tensor<float> norms, int count)
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

    protected abstract void StepCore(Tensor<float> x, Tensor<float> gradient, Tensor<float> origin, PerturbationNorm norm, Tensor<float> steps, Tensor<float> radii, float low, float high, int count);

    protected abstract void MoveCore(Tensor<float> x, Tensor<float> gradient, PerturbationNorm norm, Tensor<float> steps, int count);

    protected abstract void ProjectCore(Tensor<float> x, Tensor<float> origin, PerturbationNorm norm, Tensor<float> radii, float low, float high, int count);

    protected abstract void ClipCore(Tensor<float> x, float low, float high, int count);

    protected abstract void NormsCore(Tensor<float> x, Tensor<float>? y, PerturbationNorm norm, Tensor<float> norms, int count);

    protected abstract void DotsCore(Tensor<float> x, Tensor<float> y, Tensor<float> dots, int count);

    protected abstract void CombineCore(Tensor<float> a, Tensor<float> x, Tensor<float> b, Tensor<float> y, Tensor<float> z, int count);

    private static void CheckBall(PerturbationNorm norm)
    {
        if (norm == PerturbationNorm.L1)
        {
            throw new ArgumentOutOfRangeException(nameof(norm), norm, "steps and balls are for linf and l2");
        }
    }

    private void CheckRows(int count, params ReadOnlySpan<Tensor<float>> tensors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        foreach (Tensor<float> tensor in tensors)
        {
            Check(tensor, (long)count * Length, nameof(tensors));
        }
    }
}
