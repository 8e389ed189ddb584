using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// The L1-nearest point of the bounds' box at which a linear function has gained a given amount: elements move one after another, that of the
/// largest slope first, each as far as the box lets it (a continuous knapsack, Dantzig 1957). On the host, as it sorts.
/// </summary>
internal sealed class SparseMove(AttackSession session)
{
    private readonly float[] _points = new float[session.Capacity * session.Length];
    private readonly float[] _gradients = new float[session.Capacity * session.Length];
    private readonly float[] _slopes = new float[session.Length];
    private readonly int[] _order = new int[session.Length];

    /// <summary>Moves each row of <paramref name="x"/> into <paramref name="z"/> so that ⟨gradient, z − x⟩ = targets[i], as far as the box allows.</summary>
    /// <param name="x">Points in the box; unchanged.</param>
    /// <param name="gradient">Rows of zeros do not move.</param>
    /// <param name="targets">Gains, of either sign.</param>
    /// <param name="z">The moved points; not <paramref name="x"/>.</param>
    public void Run(Tensor<float> x, Tensor<float> gradient, ReadOnlySpan<float> targets, Tensor<float> z)
    {
        int length = session.Length;
        Span<float> points = _points.AsSpan(0, targets.Length * length);
        Span<float> gradients = _gradients.AsSpan(0, targets.Length * length);
        x.Read(points);
        gradient.Read(gradients);
        for (int i = 0; i < targets.Length; i++)
        {
            Move(points.Slice(i * length, length), gradients.Slice(i * length, length), targets[i]);
        }

        z.Write(points);
    }

    private void Move(Span<float> point, ReadOnlySpan<float> gradient, double target)
    {
        for (int k = 0; k < point.Length; k++)
        {
            (_order[k], _slopes[k]) = (k, -Math.Abs(gradient[k]));
        }

        Array.Sort(_slopes, _order);
        double rest = Math.Abs(target);
        foreach (int k in _order)
        {
            double slope = gradient[k];
            if (!(rest > 0) || !(Math.Abs(slope) > 0))
            {
                return;
            }

            float before = point[k];
            double way = rest / Math.Abs(slope) * Math.Sign(slope) * Math.Sign(target);
            point[k] = (float)Math.Clamp(before + way, session.Low, session.High);
            rest -= Math.Abs(((double)point[k] - before) * slope);
        }
    }
}
