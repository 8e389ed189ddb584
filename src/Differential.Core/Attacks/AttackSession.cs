using Differential.Core.Batches;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

/// <summary>
/// One attack's run on one model: the samples, the bounds, the seed, and every workspace, which it owns. All of them
/// are taken before the first step.
/// </summary>
internal sealed class AttackSession : IDisposable
{
    private readonly CancellationToken _cancellation;
    private readonly OwnedResources _owned = new();
    private readonly Tensor<int> _indices;
    private readonly RowGather _gather;
    private readonly float[] _scores;

    public AttackSession(IScoreModel model, SampleBatches batches, IReadOnlyList<AttackedSample> samples, long seed, CancellationToken cancellation)
    {
        Model = model;
        Batches = batches;
        Samples = samples;
        Seed = seed;
        _cancellation = cancellation;
        Capacity = Math.Min(model.MaxBatch, samples.Count);
        Length = model.SampleShape.Length;
        _gather = Own(RowGather.Create(model.Device));
        Arithmetic = Own(RowArithmetic.Create(model.Device, Length, Capacity));
        BallStep = Own(BallStep.Create(model.Device, Length, Capacity));
        _indices = Own(model.Device.Allocate<int>(new Shape(Capacity)));
        _scores = new float[Capacity * model.Scores];
        Decision = Decision.By(model.Thresholds);
        Batch = new AttackBatch(this);
        Verifier = new FlipVerifier(this);
    }

    public IScoreModel Model { get; }

    /// <summary>How the model's scores decide.</summary>
    public Decision Decision { get; }

    /// <summary>The split that the samples are of, on the way to the device.</summary>
    public SampleBatches Batches { get; }

    public IReadOnlyList<AttackedSample> Samples { get; }

    public long Seed { get; }

    /// <summary>Samples in a batch at most.</summary>
    public int Capacity { get; }

    /// <summary>Elements of a sample.</summary>
    public int Length { get; }

    /// <summary>Smallest value of an input; −∞ where unbounded.</summary>
    public float Low => Batches.Data.Low;

    /// <summary>Largest value of an input; +∞ where unbounded.</summary>
    public float High => Batches.Data.High;

    public bool IsBounded => float.IsFinite(Low) || float.IsFinite(High);

    public RowArithmetic Arithmetic { get; }

    public BallStep BallStep { get; }

    public AttackBatch Batch { get; }

    public FlipVerifier Verifier { get; }

    public AttackCounters Counters { get; } = new();

    public bool KeepAdversarial { get; init; }

    /// <summary>How many of the smallest flips are kept.</summary>
    public int Examples { get; init; }

    /// <summary>Whether steps are queued without a look at each, where an attack can.</summary>
    public bool QueuesSteps { get; init; }

    public IAttackObserver? Observer { get; init; }

    /// <summary>Index of this attack in the run's list, and the list's length.</summary>
    public (int Attack, int Attacks) Place { get; init; }

    /// <summary>Rows for <see cref="Capacity"/> samples; the session's.</summary>
    public Tensor<float> AllocateRows() => Own(Model.Device.Allocate(Model.SampleShape.Batched(Capacity)));

    /// <summary>One number per row, on the host and on the device; the session's.</summary>
    public RowScalars AllocateScalars() => Own(new RowScalars(Model.Device, Capacity));

    /// <summary>The same with a number for each score of a row.</summary>
    public RowScalars AllocateScores() => Own(new RowScalars(Model.Device, Capacity * Model.Scores));

    public T Own<T>(T owned)
        where T : IDisposable => _owned.Add(owned);

    public void ThrowIfCancelled() => _cancellation.ThrowIfCancellationRequested();

    /// <summary>y[i] = x[rows[i]].</summary>
    public void Gather(Tensor<float> x, ReadOnlySpan<int> rows, Tensor<float> y)
    {
        if (!rows.IsEmpty)
        {
            _indices.Write(rows);
            _gather.Gather(x, _indices, y, Length, rows.Length);
        }
    }

    /// <summary>y[rows[i]] = x[i].</summary>
    public void Scatter(Tensor<float> x, ReadOnlySpan<int> rows, Tensor<float> y)
    {
        if (!rows.IsEmpty)
        {
            _indices.Write(rows);
            _gather.Scatter(x, _indices, y, Length, rows.Length);
        }
    }

    /// <summary>A forward pass: margins[i] = labels[i]·(score[i] − threshold), of several scores the smallest margin of the label's class.</summary>
    public void Margins(Tensor<float> x, ReadOnlySpan<RowLabel> labels, Span<float> margins) => ReadMargins(Model.Forward(x, labels.Length), labels, margins);

    /// <summary>The same of a search's pass (<see cref="IScoreModel.Search"/>), which decides nothing.</summary>
    public void SearchMargins(Tensor<float> x, ReadOnlySpan<RowLabel> labels, Span<float> margins) => ReadMargins(Model.Search(x, labels.Length), labels, margins);

    /// <summary>Replaces the margins of the latest <see cref="Margins"/> by those to the classes that the labels aim at.</summary>
    public void Aim(ReadOnlySpan<RowLabel> labels, Span<float> margins)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i].Target is not null)
            {
                margins[i] = Decision.Margin(Scores(i), labels[i]);
            }
        }
    }

    /// <summary>A row's scores in the latest <see cref="Margins"/>, before the thresholds.</summary>
    public ReadOnlySpan<float> Scores(int row) => _scores.AsSpan(row * Model.Scores, Model.Scores);

    /// <summary>The other classes of each row that can be aimed at, the nearest first: ranks[i·targets + k] is the k-th.</summary>
    public void RankClasses(Tensor<float> x, ReadOnlySpan<RowLabel> labels, Span<int> ranks)
    {
        int targets = Decision.Targets;
        Model.Forward(x, labels.Length).Read(_scores.AsSpan(0, labels.Length * Model.Scores));
        for (int i = 0; i < labels.Length; i++)
        {
            Decision.Rank(Scores(i), labels[i], ranks.Slice(i * targets, targets));
        }
    }

    /// <summary>The random numbers of one sample's start.</summary>
    /// <param name="attack">The attack, e.g. "pgd/linf".</param>
    /// <param name="sample">Index of the sample in the split.</param>
    /// <param name="restart">Which start.</param>
    /// <param name="epsilon">The budget; 0 where there is none.</param>
    public RandomStream Stream(string attack, int sample, int restart, double epsilon = 0)
    {
        ulong index = Mix(Mix(Mix((ulong)sample) ^ (ulong)restart) ^ BitConverter.DoubleToUInt64Bits(epsilon));
        return new RandomStream(Seed, $"attack/{attack}", (long)index);
    }

    public void Progress(Attack attack, double? epsilon, int done) =>
        Observer?.Progressed(new AttackProgress(Place.Attack, Place.Attacks, attack.Options.Name, attack.Options.Norm, epsilon, done, Samples.Count));

    public void Finished(AttackResult result) => Observer?.Finished(result);

    public void Dispose() => _owned.Dispose();

    private void ReadMargins(Tensor<float> scores, ReadOnlySpan<RowLabel> labels, Span<float> margins)
    {
        scores.Read(_scores.AsSpan(0, labels.Length * Model.Scores));
        for (int i = 0; i < labels.Length; i++)
        {
            margins[i] = Decision.Margin(Scores(i), labels[i].Value);
        }
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood 2014).</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
