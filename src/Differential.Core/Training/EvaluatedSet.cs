
using Differential.Core.Batches;
using Differential.Core.Decisions;

namespace Differential.Core.Training;

/// <summary>The scores of one data set during a training: of a part of it after most epochs, of all after the last.</summary>
internal sealed class EvaluatedSet
{
    private readonly SampleBatches _data;
    private readonly int[] _all;
    private readonly int[] _part;
    private readonly sbyte[] _allLabels;
    private readonly sbyte[] _partLabels;
    private readonly float[] _allScores;
    private readonly float[] _partScores;

    public EvaluatedSet(SampleBatches data, TrainingOptions options, string name)
    {
        _data = data;
        int count = data.Data.Count;
        _all = [.. Enumerable.Range(0, count)];
        _part = Samples(count, options.EvaluationLimit, options.Seed, name);
        _allLabels = [.. data.Data.Labels];
        _partLabels = [.. _part.Select(sample => _allLabels[sample])];
        _allScores = new float[count * data.Data.Scores];
        _partScores = _part.Length == count ? _allScores : new float[_part.Length * data.Data.Scores];
    }

    /// <summary>Whether the latest evaluation was over all samples.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>[samples, scores] of the latest evaluation, before the thresholds.</summary>
    public float[] Scores => IsWhole ? _allScores : _partScores;

    public bool IsFinite => Scores.All(float.IsFinite);

    private sbyte[] Labels => IsWhole ? _allLabels : _partLabels;

    public void Evaluate(GradientSource source, bool whole)
    {
        IsWhole = whole || _part.Length == _all.Length;
        ScoreEvaluator.Scores(source.Plan, _data, IsWhole ? _all : _part, source.Batch, Scores);
    }

    /// <summary>The decision whose thresholds are best on the scores.</summary>
    public Decision Fit(ThresholdGoal? goal) => Decision.Fitted(Scores, Labels, goal);

    /// <summary>How good a decision is at a goal.</summary>
    public double Figure(Decision decision, ThresholdGoal? goal) => (goal ?? ThresholdGoal.Accuracy).Of(decision, Scores, Labels);

    public double Accuracy(Decision decision) => decision.Accuracy(Scores, Labels);

    /// <summary>The smallest margin of a sample.</summary>
    public double Margin(Decision decision) => decision.WideMargins(Scores, Labels).Min();

    /// <summary>The first <paramref name="limit"/> samples of an order that the seed decides; all of them in their order where there are no more.</summary>
    private static int[] Samples(int count, int limit, long seed, string set)
    {
        int[] samples = [.. Enumerable.Range(0, count)];
        if (count <= limit)
        {
            return samples;
        }

        new RandomStream(seed, $"evaluation {set}").Shuffle<int>(samples);
        Array.Resize(ref samples, limit);
        Array.Sort(samples);
        return samples;
    }
}
