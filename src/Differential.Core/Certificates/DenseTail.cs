using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;

namespace Differential.Core.Certificates;

/// <summary>
/// A dense layer, its rectifiers and the last layer, taken together near a sample. Within a ball some rectifiers stay at 0 and some pass their
/// input on; each other one moves by a share of its input's move, from 0 to 1. A score then moves by ‖Σᵢ sᵢ·wᵢ·aᵢ‖₂ for each
/// unit by which the layer's input moves, with the last layer's weights w, the dense layer's rows a and the shares s, at most: less than by the
/// product of the two layers' norms, where rectifiers stay at 0 and rows point to different sides.
/// </summary>
internal sealed class DenseTail
{
    private const int MostRows = 512;

    private readonly double[] _norms;
    private readonly double[] _gram;
    private readonly double _norm;
    private readonly double _rounding;

    private DenseTail(int first, DenseBoundLayer layer, double norm)
    {
        (First, _norm) = (first, norm);
        double[][] rows = [.. Enumerable.Range(0, layer.Outputs).Select(layer.Row)];
        _norms = [.. rows.Select(static row => BoundNetwork.DualNorm(row, AttackNorm.L2))];
        _gram = new double[rows.Length * rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                _gram[(i * rows.Length) + j] = _gram[(j * rows.Length) + i] = VectorMath.Dot(rows[i], rows[j]);
            }
        }

        _rounding = (layer.Inputs + (2 * rows.Length) + 64) * SumRounding.DoubleUnit;
    }

    /// <summary>The dense layer's place among the network's layers.</summary>
    public int First { get; }

    /// <summary>Null where a network does not end so.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layers">A constant for each of its layers.</param>
    public static DenseTail? Of(BoundNetwork network, IReadOnlyList<LayerBound> layers)
    {
        // The dense layer, the rectifiers, the last layer.
        int first = network.Layers.Count - 3;
        return first >= 0
            && network.Layers[first] is DenseBoundLayer { Outputs: <= MostRows } dense
            && network.Layers[first + 1] is ReluBoundLayer && network.Layers[first + 2] is DenseBoundLayer
            && network.Inputs[first].Count == 1 && network.Inputs[first + 1] is [var relu] && relu == first && network.Inputs[first + 2] is [var last] && last == first + 1
            && double.IsFinite(layers[first].L2)
            ? new DenseTail(first, dense, layers[first].L2)
            : null;
    }

    /// <summary>An upper bound on how far ⟨weights, rectified outputs⟩ moves from its value at the sample.</summary>
    /// <param name="weights">A difference of rows of the last layer.</param>
    /// <param name="values">Of the dense layer at the sample, before its rectifiers.</param>
    /// <param name="moved">How far the dense layer's input moves, in L2.</param>
    /// <param name="lost">How far the dense layer's outputs are off beside that: all of them, in L2.</param>
    /// <param name="lostOfOne">The same of each one.</param>
    public double Move(ReadOnlySpan<double> weights, ReadOnlySpan<double> values, double moved, double lost, double lostOfOne)
    {
        // Half of what is not known to stay goes into the middle, the other half around it.
        int count = _norms.Length;
        var middle = new double[count];
        var around = new double[count];
        (double reached, double open, double size) = (0, 0, 0);
        for (int i = 0; i < count; i++)
        {
            double reach = (_norms[i] * moved) + lostOfOne;
            if (values[i] + reach < 0)
            {
                continue;
            }

            bool passes = values[i] - reach > 0;
            middle[i] = passes ? weights[i] : weights[i] / 2;
            around[i] = passes ? 0 : Math.Abs(weights[i]) / 2;
            reached += weights[i] * weights[i];
            open += around[i] * around[i];
            size += Math.Abs(weights[i]) * _norms[i];
        }

        (double square, double spread) = (0, 0);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<double> row = _gram.AsSpan(i * count, count);
            square += middle[i] == 0 ? 0 : middle[i] * VectorMath.Dot(row, middle);
            for (int j = 0; j < count && around[i] > 0; j++)
            {
                spread += around[i] * around[j] * Math.Abs(row[j]);
            }
        }

        double rounding = _rounding * size * size;
        double ofMiddle = Math.Sqrt(Math.Max(0, square) + rounding);
        double ofAround = Math.Min(Math.Sqrt(open) * _norm, Math.Sqrt(spread + rounding));
        double all = Math.Sqrt(reached);
        return ((Math.Min(all * _norm, ofMiddle + ofAround) * moved) + (all * lost)) * (1 + _rounding);
    }
}
