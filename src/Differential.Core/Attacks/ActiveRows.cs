using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// The samples of a batch that are still under attack. Their rows in the carried tensors are kept dense, so that a
/// sample which flipped costs nothing any more. A step is: <see cref="Forward"/>, the gradient,
/// <see cref="Capture"/> and the move, and at its end <see cref="Settle"/>.
/// </summary>
internal sealed class ActiveRows
{
    private readonly AttackSession _session;
    private readonly FlipCriterion _criterion;
    private readonly Tensor<float>[] _carried;
    private readonly int[] _rows;
    private readonly int[] _index;
    private readonly int[] _captured;
    private readonly RowLabel[] _labels;
    private readonly float[] _margins;
    private readonly RowLabel[] _confirmedLabels;
    private readonly float[] _confirmedMargins;
    private readonly bool[] _leaving;
    private readonly bool[] _isFlipped;
    private readonly bool _keepsPlaces;
    private Tensor<float> _spare;
    private int _capturedCount;
    private AttackBatch _batch;

    /// <param name="session">The session.</param>
    /// <param name="carried">Number of tensors whose rows follow the active samples.</param>
    /// <param name="rounded">Whether a flip counts only where the 8-bit rounded input flips too.</param>
    /// <param name="keepsPlaces">Whether the carried tensors stay the same ones and flips are taken from their own rows, as device graphs need them; not with rounded inputs.</param>
    public ActiveRows(AttackSession session, int carried, bool rounded, bool keepsPlaces = false)
    {
        _session = session;
        _batch = session.Batch;
        _keepsPlaces = keepsPlaces;
        _criterion = new FlipCriterion(session, rounded);
        _carried = [.. Enumerable.Range(0, carried).Select(_ => session.AllocateRows())];
        Candidates = session.AllocateRows();
        _spare = session.AllocateRows();
        _rows = new int[session.Capacity];
        _index = new int[session.Capacity];
        _captured = new int[session.Capacity];
        _labels = new RowLabel[session.Capacity];
        _margins = new float[session.Capacity];
        _confirmedLabels = new RowLabel[session.Capacity];
        _confirmedMargins = new float[session.Capacity];
        _leaving = new bool[session.Capacity];
        _isFlipped = new bool[session.Capacity];
    }

    public int Count { get; private set; }

    /// <summary>The batch's row of each active sample.</summary>
    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

    public ReadOnlySpan<RowLabel> Labels => _labels.AsSpan(0, Count);

    /// <summary>y·(score − threshold) of the latest <see cref="Forward"/>; of several scores the margin to the class aimed at, or to the nearest.</summary>
    public ReadOnlySpan<float> Margins => _margins.AsSpan(0, Count);

    /// <summary>
    /// Whether the decision of an active sample was flipped in the latest <see cref="Forward"/>, to whatever class. Where the model searches apart
    /// this is decided by <see cref="Judge"/>.
    /// </summary>
    public bool IsFlipped(int i) => _isFlipped[i];

    /// <summary>Inputs that flip: the captured rows one after another, or, for <see cref="Take"/>, each in its own row.</summary>
    public Tensor<float> Candidates { get; }

    /// <summary>A carried tensor; row i belongs to <see cref="Rows"/>[i]. Not to be kept across <see cref="Settle"/>.</summary>
    public Tensor<float> this[int carried] => _carried[carried];

    /// <summary>Starts with the rows that are not found, or with those of <paramref name="only"/>.</summary>
    public void Reset(AttackBatch batch, bool[]? only = null)
    {
        _batch = batch;
        Count = 0;
        _capturedCount = 0;
        for (int row = 0; row < batch.Count; row++)
        {
            if (only?[row] ?? !batch.IsFound[row])
            {
                _labels[Count] = batch.Labels[row];
                _leaving[Count] = false;
                _rows[Count++] = row;
            }
        }
    }

    /// <summary>Copies the active rows of a tensor of the batch.</summary>
    public void Gather(Tensor<float> source, Tensor<float> destination) => _session.Gather(source, Rows, destination);

    /// <summary>A forward pass of the search over <paramref name="x"/>, for <see cref="Margins"/>.</summary>
    public void Forward(Tensor<float> x)
    {
        _session.ThrowIfCancelled();
        _session.SearchMargins(x, Labels, _margins.AsSpan(0, Count));
        for (int i = 0; i < Count; i++)
        {
            _isFlipped[i] = Decision.IsFlipped(_labels[i], _margins[i]);
        }

        _session.Aim(Labels, _margins.AsSpan(0, Count));
    }

    /// <summary>
    /// Where the model searches apart: the rows that flipped in the search are decided anew. Where flips of rounded inputs count: raises the
    /// margins of the latest <see cref="Forward"/> to those of the rounded inputs, and a row flips only where both do. Forward passes of its own:
    /// the gradient is taken before.
    /// </summary>
    public void Judge(Tensor<float> x)
    {
        if (_session.Model.SearchesApart)
        {
            Confirm(x);
        }

        if (!_criterion.IsRounded || Count == 0)
        {
            return;
        }

        Span<float> rounded = _criterion.RoundedMargins(x, Labels, Rows);
        for (int i = 0; i < Count; i++)
        {
            _isFlipped[i] &= Decision.IsFlipped(_labels[i], rounded[i]);
        }

        _session.Aim(Labels, rounded);
        for (int i = 0; i < Count; i++)
        {
            _margins[i] = Math.Max(_margins[i], rounded[i]);
        }

        ConfirmOffMiddles(x);
    }

    /// <summary>Judges the rows of <paramref name="x"/> and sets those aside that flip, before they move on.</summary>
    public void Capture(Tensor<float> x)
    {
        Judge(x);
        _capturedCount = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_isFlipped[i])
            {
                _captured[_capturedCount++] = i;
            }
        }

        _session.Gather(x, _captured.AsSpan(0, _capturedCount), Candidates);
    }

    /// <summary>Captures a sample whose flipping input is in its own row of <see cref="Candidates"/>: where tensors keep their places, in the stead of <see cref="Capture"/>.</summary>
    public void Take(int i) => _captured[_capturedCount++] = i;

    /// <summary>Gives a sample up at the next <see cref="Settle"/>.</summary>
    public void Retire(int i) => _leaving[i] = true;

    /// <summary>Makes active rows found, with these inputs; they stay active.</summary>
    /// <param name="x">Row i belongs to <see cref="Rows"/>[i].</param>
    /// <param name="which">Of the active rows; where in <paramref name="x"/> they lie.</param>
    public void Keep(Tensor<float> x, ReadOnlySpan<int> which)
    {
        _session.Gather(x, which, _spare);
        MakeFound(_spare, which);
    }

    /// <summary>Makes the captured rows found, and closes the gaps that they and the retired ones leave.</summary>
    /// <param name="beside">A tensor that is not carried but whose rows follow this once.</param>
    public void Settle(Tensor<float>? beside = null)
    {
        Tensor<float> captured = Candidates;
        if (_keepsPlaces)
        {
            _session.Gather(Candidates, _captured.AsSpan(0, _capturedCount), _spare);
            captured = _spare;
        }

        ReadOnlySpan<int> found = _captured.AsSpan(0, _capturedCount);
        MakeFound(captured, found);
        foreach (int active in found)
        {
            _leaving[active] = true;
        }

        _capturedCount = 0;
        Compact(beside);
    }

    // The inputs lie one after another.
    private void MakeFound(Tensor<float> inputs, ReadOnlySpan<int> which)
    {
        for (int i = 0; i < which.Length; i++)
        {
            _index[i] = _rows[which[i]];
            _batch.IsFound[_index[i]] = true;
        }

        _session.Scatter(inputs, _index.AsSpan(0, which.Length), _batch.Found);
    }

    /// <summary>A flip is saved with no value in the middle between two levels: it has to be one there too, however little it is beyond the boundary.</summary>
    private void ConfirmOffMiddles(Tensor<float> x)
    {
        int count = GatherFlipped(x);
        if (count == 0)
        {
            return;
        }

        Span<float> margins = _confirmedMargins.AsSpan(0, count);
        int[] rows = [.. _index.Take(count).Select(i => _rows[i])];
        _criterion.Margins(_spare, _confirmedLabels.AsSpan(0, count), rows, margins);
        for (int k = 0; k < count; k++)
        {
            _isFlipped[_index[k]] = Decision.IsFlipped(_confirmedLabels[k], margins[k]);
        }
    }

    /// <summary>Puts the rows that flip one after another, and says how many there are.</summary>
    private int GatherFlipped(Tensor<float> x)
    {
        int count = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_isFlipped[i])
            {
                _confirmedLabels[count] = _labels[i];
                _index[count++] = i;
            }
        }

        _session.Gather(x, _index.AsSpan(0, count), _spare);
        return count;
    }

    private void Confirm(Tensor<float> x)
    {
        int count = GatherFlipped(x);
        if (count == 0)
        {
            return;
        }

        ReadOnlySpan<RowLabel> labels = _confirmedLabels.AsSpan(0, count);
        Span<float> margins = _confirmedMargins.AsSpan(0, count);
        _session.Margins(_spare, labels, margins);
        for (int k = 0; k < count; k++)
        {
            _isFlipped[_index[k]] = Decision.IsFlipped(labels[k], margins[k]);
        }

        _session.Aim(labels, margins);
        for (int k = 0; k < count; k++)
        {
            _margins[_index[k]] = margins[k];
        }
    }

    private void Compact(Tensor<float>? beside)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (!_leaving[i])
            {
                _index[kept] = i;
                _rows[kept] = _rows[i];
                _labels[kept] = _labels[i];
                _isFlipped[kept] = _isFlipped[i];
                _margins[kept++] = _margins[i];
            }

            _leaving[i] = false;
        }

        if (kept == Count)
        {
            return;
        }

        Count = kept;
        for (int k = 0; k < _carried.Length; k++)
        {
            _session.Gather(_carried[k], _index.AsSpan(0, kept), _spare);
            if (_keepsPlaces)
            {
                _carried[k].CopyFrom(_spare, kept * _session.Length);
            }
            else
            {
                (_carried[k], _spare) = (_spare, _carried[k]);
            }
        }

        if (beside is not null && kept > 0)
        {
            _session.Gather(beside, _index.AsSpan(0, kept), _spare);
            beside.CopyFrom(_spare, kept * _session.Length);
        }
    }
}
