namespace Differential.Core.Attacks;

/// <summary>
/// Each sample's progress in Auto-PGD: its best margin, its step size, and at the checkpoints (0.22 of the steps, then
/// ever closer, by 0.03 of them down to 0.06) whether the step is halved: where fewer than 3/4 of the steps since the
/// last checkpoint improved, or where neither the step nor the best margin changed since then. By row of the batch.
/// </summary>
internal sealed class ApgdProgress
{
    private readonly bool[] _isCheckpoint;
    private readonly int[] _window;
    private readonly float[] _stepSizes;
    private readonly float[] _best;
    private readonly float[] _bestAtCheckpoint;
    private readonly float[] _last;
    private readonly int[] _improvements;
    private readonly bool[] _halvedBefore;
    private readonly int[] _rows;

    public ApgdProgress(int capacity, int steps)
    {
        _stepSizes = new float[capacity];
        _best = new float[capacity];
        _bestAtCheckpoint = new float[capacity];
        _last = new float[capacity];
        _improvements = new int[capacity];
        _halvedBefore = new bool[capacity];
        _rows = new int[capacity];
        _isCheckpoint = new bool[steps];
        _window = new int[steps];
        int window = Math.Max((int)(0.22 * steps), 1);
        for (int next = window; next <= steps; next += window)
        {
            _isCheckpoint[next - 1] = true;
            _window[next - 1] = window;
            window = Math.Max(window - Math.Max((int)(0.03 * steps), 1), Math.Max((int)(0.06 * steps), 1));
        }
    }

    public float StepSize(int row) => _stepSizes[row];

    /// <summary>The first point is the best so far.</summary>
    public void Start(ActiveRows active, float stepSize)
    {
        for (int i = 0; i < active.Count; i++)
        {
            int row = active.Rows[i];
            _stepSizes[row] = stepSize;
            _best[row] = _bestAtCheckpoint[row] = _last[row] = active.Margins[i];
            _improvements[row] = 0;
            _halvedBefore[row] = true;
        }
    }

    /// <summary>Takes a step's margins; the active samples whose best margin it is. Where the gradient is zero, there is nothing to come back for.</summary>
    public ReadOnlySpan<int> Improved(ActiveRows active, ObjectiveGradient gradient)
    {
        int count = 0;
        for (int i = 0; i < active.Count; i++)
        {
            int row = active.Rows[i];
            float margin = active.Margins[i];
            _improvements[row] += margin < _last[row] ? 1 : 0;
            _last[row] = margin;
            if (margin < _best[row] && !gradient.IsStuck(i))
            {
                _best[row] = margin;
                _rows[count++] = i;
            }
        }

        return _rows.AsSpan(0, count);
    }

    /// <summary>The active samples whose step is halved after <paramref name="step"/>, and which go back to their best point.</summary>
    public ReadOnlySpan<int> Halved(ActiveRows active, ObjectiveGradient gradient, int step)
    {
        int count = 0;
        for (int i = 0; i < active.Count; i++)
        {
            int row = active.Rows[i];
            if ((_isCheckpoint[step] && FallsBehind(row, _window[step])) || gradient.IsStuck(i))
            {
                _stepSizes[row] /= 2;
                _last[row] = _best[row];
                _rows[count++] = i;
            }
        }

        return _rows.AsSpan(0, count);
    }

    private bool FallsBehind(int row, int window)
    {
        bool halve = _improvements[row] <= 0.75 * window || (!_halvedBefore[row] && _bestAtCheckpoint[row] <= _best[row]);
        _halvedBefore[row] = halve;
        _bestAtCheckpoint[row] = _best[row];
        _improvements[row] = 0;
        return halve;
    }
}
