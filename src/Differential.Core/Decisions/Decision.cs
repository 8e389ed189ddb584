namespace Differential.Core.Decisions;

/// <summary>
/// How a model's scores decide between classes, and by how much: the signed margin of a sample's own class, above 0 where the decision is
/// for it. Of one score there are two classes, +1 above the threshold and −1 at or below it. Of several scores each is a class's, and the
/// largest above its threshold decides; at a margin of 0, where two classes are level, the decision counts as flipped.
/// Margins are in float32, in which the decision itself is taken, so that every part of a run decides alike. A margin that is not finite
/// decides nothing, neither right nor flipped.
/// </summary>
public abstract class Decision
{
    private readonly float[] _thresholds;

    private protected Decision(IReadOnlyList<float> thresholds) => _thresholds = [.. thresholds];

    /// <summary>One for each score.</summary>
    public ReadOnlySpan<float> Thresholds => _thresholds;

    /// <summary>Scores of a sample: 1 for two classes, else one for each class.</summary>
    public int Scores => _thresholds.Length;

    /// <summary>Other classes that a search can aim at one by one; 0 where there is only one other.</summary>
    internal abstract int Targets { get; }

    /// <summary>Whether a sample's margin moves with its scores in the same way whatever they are.</summary>
    internal abstract bool HasFixedSlopes { get; }

    /// <param name="thresholds">One for each score, at least one.</param>
    public static Decision By(IReadOnlyList<float> thresholds)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        return thresholds.Count == 1 ? new BinaryDecision(thresholds) : new ClassDecision(thresholds);
    }

    /// <summary>The decision whose thresholds are best on some scores.</summary>
    /// <param name="scores">[count, scoreCount], finite, at least one sample.</param>
    /// <param name="labels">[count], +1 or −1; of several scores the class.</param>
    /// <param name="goal">What they are best at; the fewest errors by default.</param>
    /// <exception cref="NotSupportedException">A false-positive rate with three classes or more.</exception>
    public static Decision Fitted(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, ThresholdGoal? goal = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
        int count = scores.Length / labels.Length;
        return By(count == 1 ? BinaryDecision.Fit(scores, labels, goal) : ClassThresholdFit.Fit(scores, labels, count, goal));
    }

    /// <summary>The signed margin of a sample's own class.</summary>
    /// <param name="scores">Of the sample, before the thresholds.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    public float Margin(ReadOnlySpan<float> scores, sbyte label) => Margin(scores, Row(label));

    /// <summary>The same for figures that no decision is taken by: of one score in float64.</summary>
    /// <param name="scores">Of the sample, before the thresholds.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    public abstract double WideMargin(ReadOnlySpan<float> scores, sbyte label);

    /// <summary>The same of every sample of a set.</summary>
    /// <param name="scores">[count, <see cref="Scores"/>].</param>
    /// <param name="labels">[count].</param>
    public double[] WideMargins(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels)
    {
        var margins = new double[labels.Length];
        for (int i = 0; i < margins.Length; i++)
        {
            margins[i] = WideMargin(scores.Slice(i * Scores, Scores), labels[i]);
        }

        return margins;
    }

    /// <summary>Share of samples that are decided rightly.</summary>
    /// <param name="scores">[count, <see cref="Scores"/>].</param>
    /// <param name="labels">[count].</param>
    public double Accuracy(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels)
    {
        int correct = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            RowLabel row = Row(labels[i]);
            correct += IsCorrect(row, Margin(scores.Slice(i * Scores, Scores), row)) ? 1 : 0;
        }

        return correct / (double)labels.Length;
    }

    /// <summary>Share of the samples of each class that are decided rightly; NaN for a class without samples.</summary>
    /// <param name="scores">[count, <see cref="Scores"/>].</param>
    /// <param name="labels">[count].</param>
    /// <returns>A share for each class; of two classes the positive one's first.</returns>
    public double[] ClassAccuracies(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels)
    {
        int classes = Math.Max(2, Scores);
        var correct = new int[classes];
        var counts = new int[classes];
        for (int i = 0; i < labels.Length; i++)
        {
            RowLabel row = Row(labels[i]);
            int number = Scores > 1 ? labels[i] : labels[i] > 0 ? 0 : 1;
            counts[number]++;
            correct[number] += IsCorrect(row, Margin(scores.Slice(i * Scores, Scores), row)) ? 1 : 0;
        }

        return [.. correct.Select((right, number) => right / (double)counts[number])];
    }

    /// <summary>Whether a margin is that of another decision than the label.</summary>
    internal static bool IsFlipped(RowLabel label, float margin) => float.IsFinite(margin) && (label.Sign > 0 ? margin <= 0 : margin < 0);

    /// <summary>Whether a margin is that of the label's decision.</summary>
    internal static bool IsCorrect(RowLabel label, float margin) => float.IsFinite(margin) && !IsFlipped(label, margin);

    /// <summary>What a row with this label is decided by; it aims at whichever other class is nearest.</summary>
    internal abstract RowLabel Row(sbyte label);

    /// <summary>The signed margin to the class that the label aims at, or to the nearest one.</summary>
    internal abstract float Margin(ReadOnlySpan<float> scores, RowLabel label);

    /// <summary>The slopes by the scores along which the margin falls fastest.</summary>
    internal abstract void LowerMargin(ReadOnlySpan<float> scores, RowLabel label, Span<float> slopes);

    /// <summary>
    /// The slopes by the scores of the cross-entropy, in float32 as usual implementations have it: they are exactly 0 from a margin of about
    /// 17 on, and attacks on it fail there. With a class aimed at it is that of the two classes.
    /// </summary>
    internal abstract void RaiseCrossEntropy(ReadOnlySpan<float> scores, RowLabel label, Span<float> slopes);

    /// <summary>The classes that can be aimed at, the nearest first.</summary>
    /// <param name="scores">Of the sample, before the thresholds.</param>
    /// <param name="label">The sample's.</param>
    /// <param name="ranks">[<see cref="Targets"/>]; overwritten.</param>
    internal abstract void Rank(ReadOnlySpan<float> scores, RowLabel label, Span<int> ranks);

    /// <summary>What a loss takes for labels: +1 or −1 for each score.</summary>
    internal abstract void Sides(sbyte label, Span<float> sides);

    /// <summary>1 − σ(margin): the derivative of log(1 + e^(−margin)) by −margin.</summary>
    private protected static float Steepness(float margin)
    {
        float sigmoid = 1f / (1f + MathF.Exp(-margin));
        return 1f - sigmoid;
    }
}
