using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Attack;

/// <summary>Networks of points of two dimensions, drawn on the plane.</summary>
internal static class PlanePictures
{
    private const int GridSize = 81;
    private const int MostPoints = 400;

    /// <summary>Whether the samples are points of two dimensions.</summary>
    public static bool IsPlane(DataSplits data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return !data.Train.IsImages && data.Train.SampleShape.Length == 2;
    }

    /// <summary>What a network says over the plane around samples that are points of two dimensions.</summary>
    public static PlaneField FieldOf(Network network, DataSplits data)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        float[] all = [.. data.Train.Features!, .. data.Test.Features!];
        (double left, double right) = Around(all.Where(static (_, i) => i % 2 == 0));
        (double bottom, double top) = Around(all.Where(static (_, i) => i % 2 == 1));
        var field = new PlaneField { Left = left, Right = right, Bottom = bottom, Top = top, Size = GridSize, Decided = [], Scores = [], Levels = [] };
        float[] features = [.. Enumerable.Range(0, GridSize * GridSize).SelectMany(i => Point(field.At(i % GridSize, i / GridSize)))];
        var grid = Dataset.OfPoints(2, [.. Enumerable.Repeat((sbyte)1, GridSize * GridSize)], features, data.Train.Classes);
        float[] scores = ScoreEvaluator.Scores(network, grid);
        var decision = Decision.By(network.Thresholds);
        if (decision.Scores > 1)
        {
            return field with { Decided = [.. Enumerable.Range(0, GridSize * GridSize).Select(i => Largest(scores.AsSpan(i * decision.Scores, decision.Scores), decision.Thresholds))] };
        }

        double[] margins = decision.WideMargins(ScoreEvaluator.Scores(network, data.Train), [.. data.Train.Labels]);
        var levels = new List<PlaneLevel> { new(0, false, "the boundary") };
        foreach (int side in (int[])[1, -1])
        {
            double[] own = [.. margins.Where((margin, i) => margin > 0 && data.Train.Labels[i] == side)];
            if (own.Length > 0)
            {
                levels.Add(new PlaneLevel(side * own.Min(), true, $"the score of the nearest training sample of {data.Names[side > 0 ? 0 : 1]} that is decided correctly"));
            }
        }

        return field with
        {
            Decided = [.. scores.Select(score => score > network.Threshold ? 0 : 1)],
            Scores = [.. scores.Select(score => (double)score - network.Threshold)],
            Levels = levels,
        };
    }

    /// <summary>The plane with a split's samples and the moves of its first attack with examples.</summary>
    public static PlaneChart Of(string title, PlaneField field, Dataset samples, SplitAttackResult? result, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(names);
        AttackResult? attack = result?.Attacks.Where(static outcome => outcome.Examples.Count > 0).OrderBy(static outcome => outcome.Epsilon is null ? 0 : 1).FirstOrDefault();
        IEnumerable<PlaneMove> moves = (attack?.Examples ?? []).Select(example =>
        {
            int index = result!.Samples[example.Position].Index;
            return new PlaneMove(samples.Features![2 * index], samples.Features[(2 * index) + 1], example.Input[0], example.Input[1]);
        });
        int scores = names.Count == 2 ? 1 : names.Count;
        return new PlaneChart(
            attack is null ? title : $"{title}, moves of {attack.Kind} in {attack.Norm.Symbol()}",
            names,
            field,
            [.. Enumerable.Range(0, Math.Min(samples.Count, MostPoints)).Select(i => new PlanePoint(samples.Features![2 * i], samples.Features[(2 * i) + 1], SplitDecisions.ClassOf(samples.Labels[i], scores)))],
            [.. moves]);
    }

    private static float[] Point((double X, double Y) at) => [(float)at.X, (float)at.Y];

    private static (double Low, double High) Around(IEnumerable<float> values)
    {
        double[] all = [.. values.Select(static value => (double)value)];
        double room = 0.08 * Math.Max(all.Max() - all.Min(), 1e-6);
        return (all.Min() - room, all.Max() + room);
    }

    private static int Largest(ReadOnlySpan<float> scores, ReadOnlySpan<float> thresholds)
    {
        int largest = 0;
        for (int k = 1; k < scores.Length; k++)
        {
            largest = scores[k] - thresholds[k] > scores[largest] - thresholds[largest] ? k : largest;
        }

        return largest;
    }
}
