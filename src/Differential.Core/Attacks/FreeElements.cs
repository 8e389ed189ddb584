using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>The part of a direction that the bounds let inputs follow: 0 where an element lies at the bound that it would cross. On the host.</summary>
internal sealed class FreeElements(AttackSession session)
{
    private readonly float[] _points = new float[session.Capacity * session.Length];
    private readonly float[] _directions = new float[session.Capacity * session.Length];

    /// <summary>Clears what the bounds stop.</summary>
    /// <param name="x">Points in the box.</param>
    /// <param name="direction">Of each; changed.</param>
    /// <param name="count">How many.</param>
    public void Keep(Tensor<float> x, Tensor<float> direction, int count)
    {
        if (!session.IsBounded)
        {
            return;
        }

        Span<float> points = _points.AsSpan(0, count * session.Length);
        Span<float> directions = _directions.AsSpan(0, count * session.Length);
        x.Read(points);
        direction.Read(directions);
        for (int i = 0; i < points.Length; i++)
        {
            bool stops = directions[i] > 0 ? points[i] >= session.High : points[i] <= session.Low;
            directions[i] = stops ? 0 : directions[i];
        }

        direction.Write(directions);
    }
}
