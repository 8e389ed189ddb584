using Differential.Core.Networks;
using Differential.Core.Numerics;

namespace Differential.Core.Certificates;

/// <summary>A network's normalisation as bounds see it: its centre in exact arithmetic, and what float32 loses in (x − mean) · scale.</summary>
internal sealed class BoundInput(InputNormalization normalization, int length)
{
    private readonly bool _moves = normalization.Mean.Any(static mean => mean != 0);
    private readonly bool _scales = normalization.Scale != 1;

    /// <summary>The error grows by this where the normalised value does by 1.</summary>
    public double Growth(Arithmetic arithmetic) =>
        (Operations(arithmetic) * SumRounding.Unit * (1 + SumRounding.Unit)) + ((length + 64) * SumRounding.DoubleUnit);

    /// <summary>(x − mean) · scale.</summary>
    /// <param name="sample">As stored, channels last.</param>
    public double[] Center(ReadOnlySpan<float> sample)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sample.Length, length, nameof(sample));
        IReadOnlyList<float> mean = normalization.Mean;
        var center = new double[sample.Length];
        for (int i = 0; i < center.Length; i++)
        {
            center[i] = ((double)sample[i] - mean[i % mean.Count]) * normalization.Scale;
        }

        return center;
    }

    /// <summary>A radius of inputs as stored in normalised ones, rounded up.</summary>
    public double Radius(double epsilon) => epsilon * normalization.Scale * (1 + (4 * SumRounding.DoubleUnit));

    /// <summary>How far a normalised value of at most <paramref name="size"/> can be from the exact one; ∞ where float32 may overflow.</summary>
    public double Error(double size, Arithmetic arithmetic)
    {
        double error = (Growth(arithmetic) * size) + (Operations(arithmetic) * SumRounding.Smallest * (2 + normalization.Scale));
        bool overflows = (size + error) * Math.Max(1, 1 / normalization.Scale) >= float.MaxValue;
        return overflows && arithmetic != Arithmetic.Exact ? double.PositiveInfinity : error;
    }

    /// <summary>Those that round.</summary>
    private int Operations(Arithmetic arithmetic) => arithmetic == Arithmetic.Exact ? 0 : (_moves ? 1 : 0) + (_scales ? 1 : 0);
}
