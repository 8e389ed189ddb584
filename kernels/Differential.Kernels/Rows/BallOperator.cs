using Differential.Kernels.Simd;

namespace Differential.Kernels.Rows;

/// <summary>One element's part of the operations of <see cref="BallStep"/>, for every device.</summary>
internal static class BallOperator
{
    /// <summary>x + a·sign(g); a gradient of 0 or NaN moves nothing.</summary>
    public static TVector MoveBySign<TVector, TSimd>(TVector x, TVector g, TVector step)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector zero = TSimd.Broadcast(0);
        TVector up = TSimd.WherePositive(g, step);
        TVector down = TSimd.WherePositive(TSimd.Subtract(zero, g), step);
        return TSimd.Add(x, TSimd.Subtract(up, down));
    }

    /// <summary>x + (g · lift) · factor.</summary>
    public static TVector MoveByGradient<TVector, TSimd>(TVector x, TVector g, TVector lift, TVector factor)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Add(x, TSimd.Multiply(TSimd.Multiply(g, lift), factor));

    /// <summary>clip(origin + clip(x − origin, −radius, radius), low, high).</summary>
    public static TVector ProjectOnBox<TVector, TSimd>(TVector x, TVector origin, TVector radius, TVector low, TVector high)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector delta = TSimd.Subtract(x, origin);
        delta = TSimd.AtLeast(TSimd.Subtract(TSimd.Broadcast(0), radius), TSimd.AtMost(radius, delta));
        return RowOperator.Clip<TVector, TSimd>(TSimd.Add(origin, delta), low, high);
    }

    /// <summary>clip(origin + (x − origin)·shrink, low, high).</summary>
    public static TVector Shrink<TVector, TSimd>(TVector x, TVector origin, TVector shrink, TVector low, TVector high)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> =>
        RowOperator.Clip<TVector, TSimd>(TSimd.Add(origin, TSimd.Multiply(TSimd.Subtract(x, origin), shrink)), low, high);

    /// <summary>clip(origin + sign(x − origin)·max(|x − origin| − threshold, 0), low, high), for a threshold of at least 0.</summary>
    public static TVector ShrinkBy<TVector, TSimd>(TVector x, TVector origin, TVector threshold, TVector low, TVector high)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector zero = TSimd.Broadcast(0);
        TVector delta = TSimd.Subtract(x, origin);
        TVector up = TSimd.AtLeast(zero, TSimd.Subtract(delta, threshold));
        TVector down = TSimd.AtMost(zero, TSimd.Add(delta, threshold));
        return RowOperator.Clip<TVector, TSimd>(TSimd.Add(origin, TSimd.Add(up, down)), low, high);
    }

    /// <summary>
    /// The two factors of a Euclidean step: g·lift·factor = a·g/‖g‖. The lift is a power of two that keeps the
    /// quotient within float where the gradient is nearly 0; both are 0 for a zero gradient.
    /// </summary>
    public static (float Lift, float Factor) StepFactors(float step, double norm)
    {
        if (norm == 0)
        {
            return (0, 0);
        }

        float lift = norm < 1e-20 ? 1.2676506e30f : 1;
        return (lift, (float)(step / (norm * lift)));
    }
}
