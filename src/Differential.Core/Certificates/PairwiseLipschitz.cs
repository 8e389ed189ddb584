
using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;

namespace Differential.Core.Certificates;

/// <summary>
/// Certified distances of a network with a score for each class: the decision stays as long as the own class is ahead of each other
/// one, and the difference of two scores moves by at most its Lipschitz constant times the distance.
/// </summary>
internal sealed class PairwiseLipschitz
{
    private readonly IReadOnlyList<AttackedSample> _samples;
    private readonly LipschitzBound[][] _constants;
    private readonly float[] _scores;
    private readonly float[] _thresholds;

    /// <param name="network">The network, with its thresholds.</param>
    /// <param name="data">The split.</param>
    /// <param name="result">The attacked samples.</param>
    public PairwiseLipschitz(Network network, Dataset data, SplitAttackResult result)
    {
        _samples = result.Samples;
        _constants = LipschitzBound.OfPairs(network);
        _scores = ScoreEvaluator.Scores(network, data.Select([.. result.Samples.Select(static sample => sample.Index)]));
        _thresholds = [.. network.Thresholds];
    }

    /// <summary>A distance within which the decision for an attacked sample cannot change.</summary>
    /// <param name="sample">Its place among the attacked ones.</param>
    /// <param name="norm">Of the distance.</param>
    public double Radius(int sample, AttackNorm norm)
    {
        int count = _thresholds.Length;
        int own = _samples[sample].Label;
        double smallest = double.PositiveInfinity;
        for (int other = 0; other < count; other++)
        {
            if (other == own)
            {
                continue;
            }

            LipschitzBound constants = _constants[own][other];
            double margin = Score(own) - Score(other);
            double room = Math.Max(0, margin - Rounding(own) - Rounding(other));
            smallest = Math.Min(smallest, room == 0 ? 0 : room / (norm == AttackNorm.Linf ? constants.Linf : constants.L2));
        }

        return smallest;

        double Score(int number) => (double)_scores[(sample * count) + number] - _thresholds[number];

        double Rounding(int number) => ScoreRounding.Of(_scores[(sample * count) + number], _thresholds[number]);
    }
}
