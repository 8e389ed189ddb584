using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// Random points of a ball around each sample, clipped to the bounds. Each has its own stream of random numbers, so it
/// depends on the seed, the attack, the sample, the restart and the budget, and not on the batch.
/// </summary>
internal sealed class BallStarts(AttackSession session, AttackNorm norm, string attack)
{
    private readonly string _name = $"{attack}/{norm.Text()}";
    private readonly float[] _values = new float[session.Capacity * session.Length];
    private readonly RowScalars _radii = session.AllocateScalars();
    private readonly RowScalars _ones = session.AllocateScalars();

    /// <summary>
    /// Row i of <paramref name="x"/> becomes a uniform point (by volume) of the ball of radius ε around row i of
    /// <paramref name="origin"/>, for each active sample.
    /// </summary>
    public void Draw(AttackBatch batch, ActiveRows active, double epsilon, int restart, Tensor<float> origin, Tensor<float> x)
    {
        _radii.Span(active.Count).Fill((float)epsilon);
        Place(batch, active, restart, epsilon, origin, x);
    }

    /// <summary>The same with a radius for each row of the batch.</summary>
    public void Draw(AttackBatch batch, ActiveRows active, ReadOnlySpan<float> radii, int restart, Tensor<float> origin, Tensor<float> x)
    {
        for (int i = 0; i < active.Count; i++)
        {
            _radii[i] = radii[active.Rows[i]];
        }

        Place(batch, active, restart, 0, origin, x);
    }

    private void Place(AttackBatch batch, ActiveRows active, int restart, double epsilon, Tensor<float> origin, Tensor<float> x)
    {
        int count = active.Count;
        for (int i = 0; i < count; i++)
        {
            RandomStream random = session.Stream(_name, batch.Samples[active.Rows[i]], restart, epsilon);
            Offset(random, norm, _radii[i], _values.AsSpan(i * session.Length, session.Length));
        }

        x.Write(_values.AsSpan(0, count * session.Length));
        _ones.Fill(1, count);
        session.Arithmetic.Combine(_ones.Tensor, x, _ones.Tensor, origin, x, count);
        session.BallStep.Project(x, origin, norm.Kernel(), _radii.Write(count), session.Low, session.High, count);
    }

    /// <summary>L∞: each coordinate uniform. L2: a normal direction, and the radius' share u^(1/d).</summary>
    private static void Offset(RandomStream random, AttackNorm norm, double radius, Span<float> offset)
    {
        if (norm == AttackNorm.Linf)
        {
            foreach (ref float value in offset)
            {
                value = (float)random.NextDouble(-radius, radius);
            }

            return;
        }

        double length = radius * Math.Pow(random.NextDouble(), 1.0 / offset.Length);
        double squares = 0;
        foreach (ref float value in offset)
        {
            value = (float)random.NextNormal();
            squares += (double)value * value;
        }

        float scale = (float)(length / Math.Sqrt(squares));
        foreach (ref float value in offset)
        {
            value *= scale;
        }
    }
}
