using Differential.Core.Numerics;

namespace Differential.Core.Theory;

/// <summary>
/// The affinely independent vertices that Wolfe's algorithm works on, with their convex weights and a QR
/// factorisation of the columns (c, vertex). An orthogonal factorisation and not the Gram matrix: that would square
/// the condition number and stop short of the accuracy that narrow margins need.
/// </summary>
internal sealed class Corral(int dimension, double scale)
{
    private readonly List<double[]> _vertices = [];
    private readonly List<double[]> _orthonormal = [];

    // _upper[k] is column k of R, of length k + 1 or more.
    private readonly List<double[]> _upper = [];
    private double[] _affine = [];

    public List<Vertex> Members { get; } = [];

    /// <summary>Convex weights of the members: at least 0, of sum 1.</summary>
    public List<double> Weights { get; } = [];

    /// <summary>Adds a vertex with weight 0 (1 if it is the first); false where it depends on the others to rounding.</summary>
    public bool TryAdd(Vertex vertex, double[] coordinates)
    {
        double[] column = new double[dimension + 1];
        column[0] = scale;
        coordinates.CopyTo(column, 1);
        double length = VectorMath.Norm(column);
        double[] upper = new double[_orthonormal.Count + 1];

        // Twice is enough (Kahan, Parlett): the second pass removes what rounding left in the first.
        for (int pass = 0; pass < 2; pass++)
        {
            for (int k = 0; k < _orthonormal.Count; k++)
            {
                double projection = VectorMath.Dot(_orthonormal[k], column);
                upper[k] += projection;
                VectorMath.AddScaled(column, -projection, _orthonormal[k]);
            }
        }

        double rest = VectorMath.Norm(column);
        if (rest <= 1e-14 * length)
        {
            return false;
        }

        VectorMath.Scale(column, 1 / rest);
        upper[^1] = rest;
        Weights.Add(Members.Count == 0 ? 1 : 0);
        Members.Add(vertex);
        _vertices.Add(coordinates);
        _orthonormal.Add(column);
        _upper.Add(upper);
        return true;
    }

    /// <summary>
    /// Moves the weights to the point of smallest norm of the members' affine hull, dropping members on the way while
    /// that point lies outside their convex hull (Wolfe's minor cycle).
    /// </summary>
    public void Descend()
    {
        while (true)
        {
            SolveAffine();
            double step = 1;
            for (int i = 0; i < Members.Count; i++)
            {
                if (_affine[i] < 0)
                {
                    step = Math.Min(step, Weights[i] / (Weights[i] - _affine[i]));
                }
            }

            bool inside = step >= 1;
            for (int i = Members.Count - 1; i >= 0; i--)
            {
                bool leaves = !inside && _affine[i] < 0 && Weights[i] / (Weights[i] - _affine[i]) <= step;
                Weights[i] = Math.Max(0, ((1 - step) * Weights[i]) + (step * _affine[i]));
                if (leaves && Members.Count > 1)
                {
                    Remove(i);
                }
            }

            double sum = Weights.Sum();
            for (int i = 0; i < Weights.Count; i++)
            {
                Weights[i] /= sum;
            }

            if (inside)
            {
                return;
            }
        }
    }

    /// <summary>point = Σ weight·vertex.</summary>
    public void Combine(Span<double> point)
    {
        point.Clear();
        for (int i = 0; i < Members.Count; i++)
        {
            VectorMath.AddScaled(point, Weights[i], _vertices[i]);
        }
    }

    /// <summary>
    /// The direction along which all members are equally far: that of the point of smallest norm of their affine hull,
    /// to a relative accuracy that the sum of weighted vertices loses where that point is close to the origin.
    /// </summary>
    public void Normal(Span<double> direction)
    {
        // e₀ less its projection on the columns (c, v) is orthogonal to each of them: its other coordinates are the
        // negative normal. Without the second pass the rounding of the first would count as much as in the sum.
        double[] rest = new double[dimension + 1];
        rest[0] = 1;
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (double[] column in _orthonormal)
            {
                VectorMath.AddScaled(rest, -VectorMath.Dot(column, rest), column);
            }
        }

        double norm = VectorMath.Norm(rest.AsSpan(1));
        for (int k = 0; k < direction.Length; k++)
        {
            direction[k] = norm > 0 ? -rest[k + 1] / norm : 0;
        }
    }

    // The weights α of the point of smallest norm of the affine hull solve (c²eeᵀ + VᵀV)·α ∝ e. With (c, V) = QR and
    // c·eᵀ the first row of the left-hand side that is R·α ∝ Qᵀe₀: one triangular solve, no squared condition number.
    private void SolveAffine()
    {
        int count = Members.Count;
        if (_affine.Length < count)
        {
            _affine = new double[2 * count];
        }

        for (int i = 0; i < count; i++)
        {
            _affine[i] = _orthonormal[i][0];
        }

        double sum = 0;
        for (int i = count - 1; i >= 0; i--)
        {
            _affine[i] /= _upper[i][i];
            VectorMath.AddScaled(_affine.AsSpan(0, i), -_affine[i], _upper[i].AsSpan(0, i));
            sum += _affine[i];
        }

        VectorMath.Scale(_affine.AsSpan(0, count), 1 / sum);
    }

    private void Remove(int index)
    {
        Members.RemoveAt(index);
        Weights.RemoveAt(index);
        _vertices.RemoveAt(index);
        _upper.RemoveAt(index);

        // The columns behind the removed one reach one below the diagonal; rotations of neighbouring rows bring them back.
        for (int k = index; k < _upper.Count; k++)
        {
            double a = _upper[k][k];
            double b = _upper[k][k + 1];
            double length = Math.Sqrt((a * a) + (b * b));
            (double cosine, double sine) = (a / length, b / length);
            for (int column = k; column < _upper.Count; column++)
            {
                Rotate(ref _upper[column][k], ref _upper[column][k + 1], cosine, sine);
            }

            for (int i = 0; i <= dimension; i++)
            {
                Rotate(ref _orthonormal[k][i], ref _orthonormal[k + 1][i], cosine, sine);
            }
        }

        _orthonormal.RemoveAt(_orthonormal.Count - 1);
    }

    private static void Rotate(ref double a, ref double b, double cosine, double sine)
        => (a, b) = ((cosine * a) + (sine * b), (cosine * b) - (sine * a));
}
