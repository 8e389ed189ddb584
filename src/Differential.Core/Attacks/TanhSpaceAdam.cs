using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// The variables of Carlini and Wagner's attack on the host: w for each row of the batch, x = low + (high − low)·(tanh w
/// + 1)/2 or x = clean + D·w where there are no bounds, and Adam's moments. All of it is in units of the row's own scale.
/// </summary>
internal sealed class TanhSpaceAdam
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const float Epsilon = 1e-8f;

    /// <summary>Keeps the bounds themselves at a finite w.</summary>
    private const float Inside = 0.999f;

    private readonly AttackSession _session;
    private readonly double _learningRate;
    private readonly int _steps;
    private readonly double[] _margins;
    private readonly double[] _lengths;
    private readonly float[] _w;
    private readonly float[] _x;
    private readonly float[] _best;
    private readonly float[] _first;
    private readonly float[] _second;
    private readonly float[] _placed;

    public TanhSpaceAdam(AttackSession session, double learningRate, int steps)
    {
        _session = session;
        _learningRate = learningRate;
        _steps = steps;
        _margins = new double[session.Capacity];
        _lengths = new double[session.Capacity];
        int length = session.Capacity * session.Length;
        (_w, _x, _best, _first, _second, _placed) = (new float[length], new float[length], new float[length], new float[length], new float[length], new float[length]);
    }

    private bool IsBounded => float.IsFinite(_session.Low) && float.IsFinite(_session.High);

    private float Middle => (_session.High + _session.Low) / 2;

    private float Half => (_session.High - _session.Low) / 2;

    /// <summary>The scale of a row: its margin m, and D, how far off the boundary would be if the score were linear.</summary>
    public void Scale(int row, double margin, double length) => (_margins[row], _lengths[row]) = (margin, length);

    /// <summary>A longer scale for a row without bounds, whose boundary is farther off than its slope at the sample says.</summary>
    /// <param name="row">The row.</param>
    /// <param name="factor">By which it is longer.</param>
    /// <returns>False for a row with bounds: all of the box is near in tanh space.</returns>
    public bool Widen(int row, double factor)
    {
        _lengths[row] *= IsBounded ? 1 : factor;
        return !IsBounded;
    }

    /// <summary>Back to the clean inputs, with empty moments.</summary>
    public void Restart(AttackBatch batch)
    {
        Array.Clear(_first);
        Array.Clear(_second);
        Array.Clear(_w);
        for (int row = 0; IsBounded && row < batch.Count; row++)
        {
            ReadOnlySpan<float> clean = batch.CleanValues(row);
            Span<float> w = Row(_w, row);
            for (int k = 0; k < w.Length; k++)
            {
                w[k] = MathF.Atanh((clean[k] - Middle) / Half * Inside);
            }
        }
    }

    /// <summary>The inputs of these rows, dense, to the device.</summary>
    public void Place(ReadOnlySpan<int> rows, Tensor<float> x)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            Span<float> values = Row(_x, rows[i]);
            ReadOnlySpan<float> w = Row(_w, rows[i]);
            ReadOnlySpan<float> clean = _session.Batch.CleanValues(rows[i]);
            for (int k = 0; k < values.Length; k++)
            {
                values[k] = IsBounded ? Math.Clamp(Middle + (Half * MathF.Tanh(w[k])), _session.Low, _session.High) : (float)(clean[k] + (_lengths[rows[i]] * w[k]));
            }

            values.CopyTo(Row(_placed, i));
        }

        x.Write(_placed.AsSpan(0, rows.Length * _session.Length));
    }

    /// <summary>‖x − clean‖₂ of a row.</summary>
    public double Distance(AttackBatch batch, int row) => FlipDistances.Between(Row(_x, row), batch.CleanValues(row)).L2;

    public void KeepBest(int row) => Row(_x, row).CopyTo(Row(_best, row));

    /// <summary>The best inputs of these rows become the batch's found ones.</summary>
    public void WriteBest(AttackBatch batch, bool[] rows)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            if (rows[row] && batch.IsFound[row])
            {
                batch.WriteFound(row, Row(_best, row));
            }
        }
    }

    /// <summary>One step of Adam on ‖(x − clean)/D‖² − 2·constant·⟨climb, x⟩/m.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="row">Row of the batch.</param>
    /// <param name="climb">Minus the margin's gradient by x.</param>
    /// <param name="constant">Weight of the margin; 0 where it is low enough.</param>
    /// <param name="step">Steps since the restart, from 0.</param>
    public void Step(AttackBatch batch, int row, ReadOnlySpan<float> climb, double constant, int step)
    {
        ReadOnlySpan<float> clean = batch.CleanValues(row);
        Span<float> w = Row(_w, row);
        Span<float> first = Row(_first, row);
        Span<float> second = Row(_second, row);
        ReadOnlySpan<float> x = Row(_x, row);
        double length = _lengths[row];
        double weight = 2 * constant * length / _margins[row];
        double share = (1 + Math.Cos(Math.PI * step / _steps)) / 2;
        float rate = (float)(share * _learningRate * Math.Sqrt(1 - Math.Pow(Beta2, step + 1)) / (1 - Math.Pow(Beta1, step + 1)));
        for (int k = 0; k < climb.Length; k++)
        {
            float slope = (float)((2 * ((double)x[k] - clean[k]) / length) - (weight * climb[k]));
            if (IsBounded)
            {
                float tanh = MathF.Tanh(w[k]);
                slope *= 1 - (tanh * tanh);
            }

            first[k] = (float)((Beta1 * first[k]) + ((1 - Beta1) * slope));
            second[k] = (float)((Beta2 * second[k]) + ((1 - Beta2) * slope * slope));
            w[k] -= rate * first[k] / (MathF.Sqrt(second[k]) + Epsilon);
        }
    }

    private Span<float> Row(float[] rows, int row) => rows.AsSpan(row * _session.Length, _session.Length);
}
