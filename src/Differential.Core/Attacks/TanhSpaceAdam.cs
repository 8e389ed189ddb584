using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// The variables of Carlini and Wagner's attack on the host: w for each row of the batch, x = low + (high − low)·(tanh w
/// + 1)/2 or x = w where there are no bounds, and Adam's moments.
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
    private readonly float[] _clean;
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
        int length = session.Capacity * session.Length;
        (_clean, _w, _x, _best, _first, _second, _placed) = (new float[length], new float[length], new float[length], new float[length], new float[length], new float[length], new float[length]);
    }

    private bool IsBounded => float.IsFinite(_session.Low) && float.IsFinite(_session.High);

    public void Load(AttackBatch batch) => batch.Clean.Read(_clean.AsSpan(0, batch.Count * _session.Length));

    /// <summary>Back to the clean inputs, with empty moments.</summary>
    public void Restart()
    {
        Array.Clear(_first);
        Array.Clear(_second);
        float middle = (_session.High + _session.Low) / 2;
        float half = (_session.High - _session.Low) / 2;
        for (int i = 0; i < _w.Length; i++)
        {
            _w[i] = IsBounded ? MathF.Atanh((_clean[i] - middle) / half * Inside) : _clean[i];
        }
    }

    /// <summary>The inputs of these rows, dense, to the device.</summary>
    public void Place(ReadOnlySpan<int> rows, Tensor<float> x)
    {
        int length = _session.Length;
        float middle = (_session.High + _session.Low) / 2;
        float half = (_session.High - _session.Low) / 2;
        for (int i = 0; i < rows.Length; i++)
        {
            Span<float> values = _x.AsSpan(rows[i] * length, length);
            ReadOnlySpan<float> w = _w.AsSpan(rows[i] * length, length);
            for (int k = 0; k < length; k++)
            {
                values[k] = IsBounded ? Math.Clamp(middle + (half * MathF.Tanh(w[k])), _session.Low, _session.High) : w[k];
            }

            values.CopyTo(_placed.AsSpan(i * length));
        }

        x.Write(_placed.AsSpan(0, rows.Length * length));
    }

    /// <summary>‖x − clean‖₂ of a row.</summary>
    public double Distance(int row)
    {
        double sum = 0;
        for (int k = row * _session.Length; k < (row + 1) * _session.Length; k++)
        {
            double difference = (double)_x[k] - _clean[k];
            sum += difference * difference;
        }

        return Math.Sqrt(sum);
    }

    public void KeepBest(int row) => _x.AsSpan(row * _session.Length, _session.Length).CopyTo(_best.AsSpan(row * _session.Length));

    /// <summary>The best inputs become the batch's found rows.</summary>
    public void WriteBest(AttackBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            if (batch.IsFound[row])
            {
                batch.WriteFound(row, _best.AsSpan(row * _session.Length, _session.Length));
            }
        }
    }

    /// <summary>One step of Adam on ‖x − clean‖² − constant·⟨climb, x⟩.</summary>
    /// <param name="row">Row of the batch.</param>
    /// <param name="climb">Minus the margin's gradient by x.</param>
    /// <param name="constant">Weight of the margin; 0 where it is low enough.</param>
    /// <param name="step">Steps since the restart, from 0.</param>
    public void Step(int row, ReadOnlySpan<float> climb, double constant, int step)
    {
        int start = row * _session.Length;
        float half = (_session.High - _session.Low) / 2;
        float weight = (float)constant;
        double share = (1 + Math.Cos(Math.PI * step / _steps)) / 2;
        float rate = (float)(share * _learningRate * Math.Sqrt(1 - Math.Pow(Beta2, step + 1)) / (1 - Math.Pow(Beta1, step + 1)));
        for (int k = 0; k < climb.Length; k++)
        {
            int at = start + k;
            float slope = (2 * (_x[at] - _clean[at])) - (weight * climb[k]);
            if (IsBounded)
            {
                float tanh = MathF.Tanh(_w[at]);
                slope *= half * (1 - (tanh * tanh));
            }

            _first[at] = (float)((Beta1 * _first[at]) + ((1 - Beta1) * slope));
            _second[at] = (float)((Beta2 * _second[at]) + ((1 - Beta2) * slope * slope));
            _w[at] -= rate * _first[at] / (MathF.Sqrt(_second[at]) + Epsilon);
        }
    }
}
