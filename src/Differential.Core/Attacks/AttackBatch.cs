using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>A batch of samples under attack: their clean inputs and, for those that flipped, the adversarial ones.</summary>
internal sealed class AttackBatch
{
    private readonly AttackSession _session;
    private readonly int[] _positions;
    private readonly int[] _samples;
    private readonly int[] _ranks;
    private readonly float[] _cleanValues;
    private bool _isRanked;
    private bool _isRead;

    public AttackBatch(AttackSession session)
    {
        _session = session;
        _positions = new int[session.Capacity];
        _samples = new int[session.Capacity];
        Labels = new RowLabel[session.Capacity];
        CleanMargins = new float[session.Capacity];
        IsFound = new bool[session.Capacity];
        _ranks = new int[session.Capacity * session.Decision.Targets];
        Distances = new FlipDistances[session.Capacity];
        FoundBy = new string?[session.Capacity];
        _cleanValues = new float[session.Capacity * session.Length];
        Clean = session.AllocateRows();
        Found = session.AllocateRows();
    }

    public int Count { get; private set; }

    /// <summary>Index in the split of each row's sample.</summary>
    public ReadOnlySpan<int> Samples => _samples.AsSpan(0, Count);

    /// <summary>What each row is decided by.</summary>
    public RowLabel[] Labels { get; }

    /// <summary>y·(score − threshold) of the clean input, of several scores the smallest margin: above 0.</summary>
    public float[] CleanMargins { get; }

    /// <summary>The clean inputs.</summary>
    public Tensor<float> Clean { get; }

    /// <summary>The adversarial inputs, where <see cref="IsFound"/>.</summary>
    public Tensor<float> Found { get; }

    public bool[] IsFound { get; }

    public bool IsAllFound => !IsFound.AsSpan(0, Count).Contains(false);

    /// <summary>How far each found row lies from the clean one, once verified.</summary>
    public FlipDistances[] Distances { get; }

    /// <summary>The attack that found each row, as job files name it; null where none has yet.</summary>
    public string?[] FoundBy { get; }

    /// <summary>Whether a row's clean score is level: it lies on the boundary and is found, at distance 0, by whatever attack.</summary>
    public bool IsLevel(int row) => CleanMargins[row] == 0;

    /// <summary>Takes the samples at these positions of the session's list; only level ones are found yet.</summary>
    public void Load(ReadOnlySpan<int> positions)
    {
        Count = positions.Length;
        positions.CopyTo(_positions);
        for (int row = 0; row < Count; row++)
        {
            AttackedSample sample = _session.Samples[positions[row]];
            _samples[row] = sample.Index;
            Labels[row] = _session.Decision.Row(sample.Label);
            CleanMargins[row] = Labels[row].Sign * sample.CleanScore;
            IsFound[row] = false;
            FoundBy[row] = null;
            Distances[row] = default;
        }

        _session.Batches.Load(Samples, Clean);
        _isRanked = false;
        _isRead = false;
        for (int row = 0; row < Count; row++)
        {
            if (IsLevel(row))
            {
                WriteFound(row, CleanValues(row));
            }
        }
    }

    /// <summary>
    /// From now on searches aim each row at one other class: the nearest at the clean input for 1, the next for 2, …; 0 for whichever is
    /// nearest at each step.
    /// </summary>
    public void Aim(int rank)
    {
        if (rank > 0 && !_isRanked)
        {
            _session.RankClasses(Clean, Labels.AsSpan(0, Count), _ranks);
            _isRanked = true;
        }

        int targets = _session.Decision.Targets;
        for (int row = 0; row < Count; row++)
        {
            Labels[row] = Labels[row] with { Target = rank == 0 ? null : _ranks[(row * targets) + rank - 1] };
        }
    }

    /// <summary>A clean input, on the host.</summary>
    public ReadOnlySpan<float> CleanValues(int row)
    {
        if (!_isRead)
        {
            Clean.Read(_cleanValues.AsSpan(0, Count * _session.Length));
            _isRead = true;
        }

        return _cleanValues.AsSpan(row * _session.Length, _session.Length);
    }

    /// <summary>Notes the attack by which rows were found, where none is noted yet, and forgets it where they were taken back.</summary>
    public void Credit(string attack)
    {
        for (int row = 0; row < Count; row++)
        {
            FoundBy[row] = IsFound[row] ? FoundBy[row] ?? attack : null;
        }
    }

    /// <summary>Copies the found rows to the host, by position; nothing where they are not kept.</summary>
    public void ReadFound(float[]?[]? adversarial)
    {
        for (int row = 0; adversarial is not null && row < Count; row++)
        {
            if (IsFound[row])
            {
                adversarial[_positions[row]] = ReadFound(row);
            }
        }
    }

    /// <summary>A found input, on the host.</summary>
    public float[] ReadFound(int row) => FoundRow(row).ToArray();

    /// <summary>Makes a row found.</summary>
    public void WriteFound(int row, ReadOnlySpan<float> input)
    {
        FoundRow(row).Write(input);
        IsFound[row] = true;
    }

    private Tensor<float> FoundRow(int row) => Found.Slice(row * _session.Length, _session.Model.SampleShape);
}
