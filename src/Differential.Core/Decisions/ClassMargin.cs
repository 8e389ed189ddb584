namespace Differential.Core.Decisions;

/// <summary>
/// Margins of models with a score for each class: the class's own score less its threshold, less that of another class. In float32,
/// in which the decision itself is taken, so that every part of a run decides alike. A score that is NaN makes the margin NaN.
/// </summary>
public static class ClassMargin
{
    /// <summary>The other class whose score less its threshold is the largest; the first of several.</summary>
    /// <param name="scores">Of a sample, one for each class.</param>
    /// <param name="thresholds">As many.</param>
    /// <param name="label">The sample's class.</param>
    public static int Rival(ReadOnlySpan<float> scores, ReadOnlySpan<float> thresholds, int label)
    {
        int rival = -1;
        for (int k = 0; k < scores.Length; k++)
        {
            float value = scores[k] - thresholds[k];
            if (float.IsNaN(value))
            {
                return k;
            }

            if (k != label && (rival < 0 || value > scores[rival] - thresholds[rival]))
            {
                rival = k;
            }
        }

        return rival;
    }

    /// <summary>How far a class is ahead of another; NaN of itself.</summary>
    /// <param name="scores">Of a sample, one for each class.</param>
    /// <param name="thresholds">As many.</param>
    /// <param name="label">The class.</param>
    /// <param name="other">The other.</param>
    public static float Between(ReadOnlySpan<float> scores, ReadOnlySpan<float> thresholds, int label, int other) =>
        other == label ? float.NaN : scores[label] - thresholds[label] - (scores[other] - thresholds[other]);

    /// <summary>How far a class is ahead of all others: above 0 where the decision is for it.</summary>
    /// <param name="scores">Of a sample, one for each class.</param>
    /// <param name="thresholds">As many.</param>
    /// <param name="label">The sample's class.</param>
    public static float Smallest(ReadOnlySpan<float> scores, ReadOnlySpan<float> thresholds, int label) =>
        Between(scores, thresholds, label, Rival(scores, thresholds, label));

    /// <summary>The signed margin, in float32 as decisions are taken, of a sample by a model of any number of scores: y·(score − threshold), or the smallest of its class.</summary>
    /// <param name="scores">Of the sample.</param>
    /// <param name="thresholds">One for each score.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    public static float Deciding(ReadOnlySpan<float> scores, ReadOnlySpan<float> thresholds, sbyte label) =>
        scores.Length == 1 ? label * (scores[0] - thresholds[0]) : Smallest(scores, thresholds, label);

    /// <summary>The same with one score's margin in float64, for figures that no decision is taken by.</summary>
    /// <param name="scores">Of the sample.</param>
    /// <param name="thresholds">One for each score.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    public static double OfLabel(ReadOnlySpan<float> scores, ReadOnlySpan<float> thresholds, sbyte label) =>
        scores.Length == 1 ? label * ((double)scores[0] - thresholds[0]) : Smallest(scores, thresholds, label);
}
