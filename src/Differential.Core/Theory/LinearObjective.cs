using Differential.Core.Data;
using Differential.Core.Numerics;
using Differential.Kernels.Losses;

namespace Differential.Core.Theory;

/// <summary>
/// A mean loss of a linear model as a function of its parameters v. Values and gradients are multiplied by
/// e^<see cref="Shift"/>. Nothing is allocated by an evaluation.
/// </summary>
internal abstract class LinearObjective(Surrogate surrogate, int parameterCount)
{
    /// <summary>The last evaluation's gradient times e^Shift, [ParameterCount].</summary>
    public double[] Gradient { get; } = new double[parameterCount];

    public int ParameterCount { get; } = parameterCount;

    /// <summary>The last evaluation's loss times e^Shift.</summary>
    public double Loss { get; protected set; }

    public double Shift { get; protected set; }

    /// <summary>The margin of the last evaluation's model; 0 where its w is zero.</summary>
    public double Margin { get; protected set; }

    protected Surrogate Surrogate { get; } = surrogate;

    public abstract void Evaluate(ReadOnlySpan<double> parameters);

    /// <summary>The model with its bias, for points as they came.</summary>
    public abstract LinearSeparator Separator(ReadOnlySpan<double> parameters);
}

/// <summary>The mean over points of ℓ(y(w·x + b)); v = (w, b).</summary>
internal sealed class PointwiseObjective : LinearObjective
{
    private readonly double[][] _rows;
    private readonly double[] _margins;

    public PointwiseObjective(LabeledPoints points, Surrogate surrogate)
        : base(surrogate, points.Dimension + 1)
    {
        _rows = [.. points.Points.Select((point, i) => LiftedHull.Lift(point, points.Labels[i]))];
        _margins = new double[_rows.Length];
    }

    public override void Evaluate(ReadOnlySpan<double> parameters)
    {
        double smallest = double.PositiveInfinity;
        for (int i = 0; i < _rows.Length; i++)
        {
            _margins[i] = VectorMath.Dot(parameters, _rows[i]);
            smallest = Math.Min(smallest, _margins[i]);
        }

        double norm = VectorMath.Norm(parameters[..^1]);
        Margin = norm > 0 ? smallest / norm : 0;
        SurrogateTerm term = new(Surrogate, smallest);
        Shift = term.Shift;
        Gradient.AsSpan().Clear();
        double loss = 0;
        for (int i = 0; i < _rows.Length; i++)
        {
            loss += term.Evaluate(_margins[i], out double slope);
            VectorMath.AddScaled(Gradient, -slope / _rows.Length, _rows[i]);
        }

        Loss = loss / _rows.Length;
    }

    public override LinearSeparator Separator(ReadOnlySpan<double> parameters) => new(parameters[..^1].ToArray(), parameters[^1]);
}
