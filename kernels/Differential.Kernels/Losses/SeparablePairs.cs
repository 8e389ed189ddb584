namespace Differential.Kernels.Losses;

/// <summary>
/// Sums over all pairs that need no visit of each pair, in double precision: u are the positives' scaled scores, v the
/// negatives', d = u − v. Each returns the mean of ℓ(d) and leaves for every score the mean-scaled sum of −ℓ'(d) in
/// <see cref="SortedScores.Slopes"/>, over the number of pairs.
/// </summary>
internal static unsafe class SeparablePairs
{
    /// <summary>mean (1 − d)² = (1 − ū + v̄)² + var u + var v; −Σⱼ ℓ'/(N·M) = 2·(1 − uᵢ + v̄)/N.</summary>
    public static double Squared(SortedScores positives, SortedScores negatives)
    {
        double meanU = Mean(positives);
        double meanV = Mean(negatives);
        double loss = (1 - (meanU - meanV)) * (1 - (meanU - meanV));
        loss += Spread(positives, meanU, meanV, 1) + Spread(negatives, meanV, meanU, -1);
        return loss;
    }

    /// <summary>mean −d = v̄ − ū; −Σⱼ ℓ'/(N·M) = 1/N.</summary>
    public static double Linear(SortedScores positives, SortedScores negatives)
    {
        new Span<double>(positives.Slopes, positives.Count).Fill(1.0 / positives.Count);
        new Span<double>(negatives.Slopes, negatives.Count).Fill(1.0 / negatives.Count);
        return Mean(negatives) - Mean(positives);
    }

    /// <summary>
    /// The pairs with d &lt; 1 of a positive are the negatives above uᵢ − 1: in sorted order a suffix that shrinks as uᵢ
    /// grows, so running counts and sums suffice. O(N log N) with the sort.
    /// </summary>
    public static double Hinge(SortedScores positives, SortedScores negatives)
    {
        int n = positives.Count;
        int m = negatives.Count;
        double pairs = (double)n * m;
        double loss = 0;

        // Sums are of distances from a reference, not of raw scores, so that large scores do not cancel.
        double reference = negatives.Scaled[m - 1];
        double sum = 0;
        bool isWide = positives.IsWide || negatives.IsWide;
        int first = m;
        for (int i = n - 1; i >= 0; i--)
        {
            double edge = positives.Scaled[i] - 1;
            while (first > 0 && IsBeyond(negatives.Scaled[first - 1], positives.Scaled[i]))
            {
                first--;
                sum += reference - negatives.Scaled[first];
            }

            int active = m - first;
            loss += (active * (isWide ? reference - positives.Scaled[i] + 1 : reference - edge)) - sum;
            positives.Slopes[i] = active / pairs;
        }

        int reached = 0;
        for (int j = 0; j < m; j++)
        {
            while (reached < n && IsBeyond(negatives.Scaled[j], positives.Scaled[reached]))
            {
                reached++;
            }

            negatives.Slopes[j] = reached / pairs;
        }

        return loss / pairs;

        // Of scores at which a step of 1 is lost the difference is exact.
        bool IsBeyond(double v, double u) => isWide ? v - u > -1 : v > u - 1;
    }

    /// <summary>Σ e^(v − u) = Σ e^v · Σ e^(−u), with the largest factors taken out; what overflows is left infinite.</summary>
    public static double Exponential(SortedScores positives, SortedScores negatives)
    {
        double lowest = positives.Scaled[0];
        double highest = negatives.Scaled[negatives.Count - 1];
        double sumU = 0;
        for (int i = 0; i < positives.Count; i++)
        {
            sumU += Math.Exp(lowest - positives.Scaled[i]);
        }

        double sumV = 0;
        for (int j = 0; j < negatives.Count; j++)
        {
            sumV += Math.Exp(negatives.Scaled[j] - highest);
        }

        // Logarithms, so that a factor out of range does not meet one that is 0.
        double logMeanU = Math.Log(sumU / positives.Count);
        double logMeanV = Math.Log(sumV / negatives.Count);
        for (int i = 0; i < positives.Count; i++)
        {
            positives.Slopes[i] = Math.Exp(highest - positives.Scaled[i] + logMeanV) / positives.Count;
        }

        for (int j = 0; j < negatives.Count; j++)
        {
            negatives.Slopes[j] = Math.Exp(negatives.Scaled[j] - lowest + logMeanU) / negatives.Count;
        }

        return Math.Exp(highest - lowest + logMeanU + logMeanV);
    }

    private static double Mean(SortedScores scores)
    {
        double sum = 0;
        for (int i = 0; i < scores.Count; i++)
        {
            sum += scores.Scaled[i];
        }

        return sum / scores.Count;
    }

    /// <summary>The variance, and the slopes 2·(1 − d̄)/count with d̄ this score's mean difference.</summary>
    private static double Spread(SortedScores scores, double mean, double otherMean, int sign)
    {
        double squares = 0;
        for (int i = 0; i < scores.Count; i++)
        {
            double deviation = scores.Scaled[i] - mean;
            squares += deviation * deviation;
            scores.Slopes[i] = 2 * (1 - (sign * (scores.Scaled[i] - otherMean))) / scores.Count;
        }

        return squares / scores.Count;
    }
}
