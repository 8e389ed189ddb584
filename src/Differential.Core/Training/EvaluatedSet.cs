
using Differential.Core.Batches;
using Differential.Core.Losses;

namespace Differential.Core.Training;

/// <summary>The scores of one data set during a training: of a part of it after most epochs, of all after the last.</summary>
internal sealed class EvaluatedSet
{
    private readonly DeviceDataset _data;
    private readonly int[] _all;
    private readonly int[] _part;
    private readonly sbyte[] _allLabels;
    private readonly sbyte[] _partLabels;
    private readonly float[] _allScores;
    private readonly float[] _partScores;

    public EvaluatedSet(DeviceDataset data, TrainingOptions options, string name)
    {
        _data = data;
        int count = data.Data.Count;
        _all = Evaluation.Samples(count, count, options.Seed, name);
        _part = Evaluation.Samples(count, options.EvaluationLimit, options.Seed, name);
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

    public float[] Thresholds(ThresholdRule rule) => Evaluation.Thresholds(rule, Scores, Labels);

    public double Accuracy(ReadOnlySpan<float> thresholds) => Evaluation.Accuracy(Scores, Labels, thresholds);

    public double Margin(ReadOnlySpan<float> thresholds) => Evaluation.Margin(Scores, Labels, thresholds);
}
