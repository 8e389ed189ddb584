namespace Differential.Core.Decisions;

/// <summary>
/// A score for each class: the largest above its threshold decides. The margin is the own class's score less its threshold, less that of
/// the nearest other class, or of the one aimed at. A score that is NaN makes the margin NaN.
/// </summary>
internal sealed class ClassDecision(IReadOnlyList<float> thresholds) : Decision(thresholds)
{
    internal override int Targets => Scores - 1;

    internal override bool HasFixedSlopes => false;

    public override double WideMargin(ReadOnlySpan<float> scores, sbyte label) => Margin(scores, Row(label));

    /// <summary>Label +1 whatever the class: margins are signed already.</summary>
    internal override RowLabel Row(sbyte label) => new(label, sign: 1);

    internal override float Margin(ReadOnlySpan<float> scores, RowLabel label)
    {
        int rival = Rival(scores, label);
        return rival == label.Value ? float.NaN : Above(scores, label.Value) - Above(scores, rival);
    }

    internal override void LowerMargin(ReadOnlySpan<float> scores, RowLabel label, Span<float> slopes) => Tilt(scores, label, 1, slopes);

    internal override void RaiseCrossEntropy(ReadOnlySpan<float> scores, RowLabel label, Span<float> slopes)
    {
        if (label.Target is not null)
        {
            Tilt(scores, label, Steepness(Margin(scores, label)), slopes);
            return;
        }

        float largest = float.NegativeInfinity;
        for (int k = 0; k < slopes.Length; k++)
        {
            largest = Math.Max(largest, Above(scores, k));
        }

        float sum = 0;
        for (int k = 0; k < slopes.Length; k++)
        {
            slopes[k] = MathF.Exp(Above(scores, k) - largest);
            sum += slopes[k];
        }

        for (int k = 0; k < slopes.Length; k++)
        {
            slopes[k] = (slopes[k] / sum) - (k == label.Value ? 1f : 0f);
        }
    }

    internal override void Rank(ReadOnlySpan<float> scores, RowLabel label, Span<int> ranks)
    {
        float[] above = new float[scores.Length];
        for (int k = 0; k < above.Length; k++)
        {
            above[k] = Above(scores, k);
        }

        int[] order = [.. Enumerable.Range(0, above.Length).Where(k => k != label.Value).OrderByDescending(k => above[k])];
        order.CopyTo(ranks);
    }

    internal override void Sides(sbyte label, Span<float> sides)
    {
        sides.Fill(-1);
        sides[label] = 1;
    }

    private float Above(ReadOnlySpan<float> scores, int number) => scores[number] - Thresholds[number];

    private void Tilt(ReadOnlySpan<float> scores, RowLabel label, float slope, Span<float> slopes)
    {
        slopes.Clear();
        slopes[label.Value] = -slope;
        slopes[Rival(scores, label)] = slope;
    }

    /// <summary>The class aimed at, or the other one whose score less its threshold is the largest; the first of several.</summary>
    private int Rival(ReadOnlySpan<float> scores, RowLabel label)
    {
        if (label.Target is int target)
        {
            return target;
        }

        int rival = -1;
        for (int k = 0; k < scores.Length; k++)
        {
            float value = Above(scores, k);
            if (float.IsNaN(value))
            {
                return k;
            }

            if (k != label.Value && (rival < 0 || value > Above(scores, rival)))
            {
                rival = k;
            }
        }

        return rival;
    }
}
