namespace Differential.Core.Decisions;

/// <summary>How a model decides all samples of a split, without any change: who is taken for whom.</summary>
public sealed record SplitDecisions
{
    /// <summary>
    /// [class][class]: of the samples of the first, how many are decided for the second. With one score class 0 is the positive one and class 1 the
    /// negative one. A sample whose scores are not finite is decided for none.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }

    /// <summary>Samples of each class.</summary>
    public required IReadOnlyList<int> Counts { get; init; }

    /// <summary>
    /// Area under the receiver's curve: the share of pairs of a positive and a negative sample in which the positive one has the higher score, half of
    /// those that are level. Of three classes or more the mean over the classes of each one's margin against all others. Null where a class has no sample.
    /// </summary>
    public double? Auc { get; init; }

    /// <summary>Mean over the classes of the share that is decided correctly; classes without samples are left out.</summary>
    public double BalancedAccuracy => Enumerable.Range(0, Counts.Count).Where(k => Counts[k] > 0).Select(Recall).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Whether the largest class has at least a tenth more samples than the smallest one: then balanced figures tell something else.</summary>
    public bool IsUneven => AreUneven(Counts);

    /// <summary>Share of a class's samples that is decided correctly; NaN without samples.</summary>
    public double Recall(int number) => (double)Confusion[number][number] / Counts[number];

    /// <summary>Whether the largest of the classes' counts is at least a tenth above the smallest.</summary>
    public static bool AreUneven(IReadOnlyList<int> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return counts.Max() >= 1.1 * counts.Min();
    }

    /// <summary>The number of a label: with one score 0 for +1 and 1 for −1, else the class.</summary>
    public static int ClassOf(sbyte label, int scores) => scores > 1 ? label : label > 0 ? 0 : 1;

    /// <param name="decision">The model's.</param>
    /// <param name="scores">[count, scores], before the thresholds.</param>
    /// <param name="labels">[count], +1 or −1; of several scores the class.</param>
    public static SplitDecisions Of(Decision decision, ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels)
    {
        ArgumentNullException.ThrowIfNull(decision);
        int perSample = decision.Scores;
        int classes = Math.Max(2, perSample);
        int[][] confusion = [.. Enumerable.Range(0, classes).Select(_ => new int[classes])];
        var counts = new int[classes];
        for (int i = 0; i < labels.Length; i++)
        {
            int own = ClassOf(labels[i], perSample);
            counts[own]++;
            if (Decided(decision, scores.Slice(i * perSample, perSample), labels[i]) is int decided)
            {
                confusion[own][decided]++;
            }
        }

        return new SplitDecisions { Confusion = confusion, Counts = counts, Auc = AreaOf(decision, scores, labels) };
    }

    /// <summary>The class that the decision is for; null where it is for none.</summary>
    private static int? Decided(Decision decision, ReadOnlySpan<float> scores, sbyte label)
    {
        RowLabel row = decision.Row(label);
        float margin = decision.Margin(scores, row);
        if (!float.IsFinite(margin))
        {
            return null;
        }

        int own = ClassOf(label, decision.Scores);
        if (Decision.IsCorrect(row, margin))
        {
            return own;
        }

        if (decision.Scores == 1)
        {
            return 1 - own;
        }

        Span<int> ranks = stackalloc int[decision.Targets];
        decision.Rank(scores, row, ranks);
        return ranks[0];
    }

    private static double? AreaOf(Decision decision, ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels)
    {
        double sum = 0;
        int heads = decision.Scores;
        for (int k = 0; k < heads; k++)
        {
            // What speaks for the class, and whether the sample is one of it.
            var values = new double[labels.Length];
            var own = new bool[labels.Length];
            for (int i = 0; i < labels.Length; i++)
            {
                ReadOnlySpan<float> sample = scores.Slice(i * heads, heads);
                values[i] = heads == 1 ? sample[0] : decision.Margin(sample, (sbyte)k);
                own[i] = heads == 1 ? labels[i] > 0 : labels[i] == k;
            }

            if (Area(values, own) is not double area)
            {
                return null;
            }

            sum += area / heads;
        }

        return sum;
    }

    /// <summary>By the ranks of Mann and Whitney, ties with their mean rank.</summary>
    private static double? Area(double[] values, bool[] own)
    {
        double positive = own.Count(static flag => flag);
        double negative = own.Length - positive;
        if (positive == 0 || negative == 0 || Array.Exists(values, double.IsNaN))
        {
            return null;
        }

        Array.Sort(values, own);
        double ranks = 0;
        for (int start = 0; start < values.Length;)
        {
            int end = start;
            while (end < values.Length && values[end] == values[start])
            {
                end++;
            }

            ranks += own.AsSpan(start, end - start).Count(true) * ((start + 1 + end) / 2.0);
            start = end;
        }

        return (ranks - (positive * (positive + 1) / 2)) / (positive * negative);
    }
}
