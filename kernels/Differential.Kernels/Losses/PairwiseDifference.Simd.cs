using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>
/// All pairs: the logistic surrogate by <see cref="LogisticPairs"/>, the others, whose sums separate, by
/// <see cref="SeparablePairs"/> in the time of a sort. Matched pairs: one after the other, each of whose exponentials
/// saturates by itself.
/// A score that is NaN, infinite or beyond ±10³⁰ makes the loss and every gradient NaN.
/// </summary>
internal sealed unsafe class PairwiseDifferenceSimd : PairwiseDifference
{
    private readonly LogisticPairs? _logistic;
    private readonly SortedScores? _ownPositives;
    private readonly SortedScores? _ownNegatives;
    private readonly SimdStorage<int> _matched;

    public PairwiseDifferenceSimd(SimdDevice device, PairwiseForm form, int maxCount)
        : base(device, form, maxCount)
    {
        bool all = form.Pairs == PairSelection.All;
        _matched = new SimdStorage<int>(device, all ? 1 : maxCount);
        if (all && form.Surrogate == Surrogate.Logistic)
        {
            _logistic = new LogisticPairs(device, maxCount);
        }
        else if (all)
        {
            _ownPositives = new SortedScores(device, maxCount, maxCount);
            _ownNegatives = new SortedScores(device, maxCount, maxCount);
        }
    }

    protected override void ComputeCore(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count)
    {
        float* s = SimdDevice.Pointer(scores);
        float* y = SimdDevice.Pointer(labels);
        float* ds = SimdDevice.Pointer(dScores);
        float* mean = SimdDevice.Pointer(loss);
        double largest = 0;
        int positives = 0;
        for (int i = 0; i < count; i++)
        {
            double magnitude = Math.Abs((double)s[i]);
            largest = magnitude <= largest ? largest : magnitude;
            positives += y[i] > 0 ? 1 : 0;
        }

        if (positives == 0 || positives == count)
        {
            new Span<float>(ds, count).Clear();
            *mean = 0;
        }
        else if (!((largest + (2.0 * Form.Margin)) * Math.Max(Form.Temperature, 1) <= LargestScore))
        {
            new Span<float>(ds, count).Fill(float.NaN);
            *mean = float.NaN;
        }
        else if (Form.Pairs == PairSelection.Matched)
        {
            *mean = Matched(s, y, ds, count, Math.Min(positives, count - positives));
        }
        else
        {
            *mean = All(s, y, ds, count);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _logistic?.Dispose();
        _ownPositives?.Dispose();
        _ownNegatives?.Dispose();
        _matched.Dispose();
        base.Dispose(disposing);
    }

    private static float Saturated(double value) => (float)Math.Clamp(value, -float.MaxValue, float.MaxValue);

    private static void Scatter(SortedScores scores, double factor, float* ds)
    {
        for (int i = 0; i < scores.Count; i++)
        {
            ds[scores.Places[i]] = Saturated(factor * scores.Slopes[i]);
        }
    }

    private float All(float* s, float* y, float* ds, int count)
    {
        SortedScores positives = _logistic?.Positives ?? _ownPositives!;
        SortedScores negatives = _logistic?.Negatives ?? _ownNegatives!;
        positives.Clear();
        negatives.Clear();
        for (int i = 0; i < count; i++)
        {
            (y[i] > 0 ? positives : negatives).Add(s[i], i);
        }

        double temperature = Form.Temperature;
        double shift = 2.0 * Form.Margin;
        double loss;
        if (_logistic is not null)
        {
            positives.Build(temperature, 0);
            negatives.Build(temperature, shift);
            double pairs = (double)positives.Count * negatives.Count;
            loss = _logistic.Run() / pairs;
            temperature /= pairs;
        }
        else
        {
            positives.Sort(temperature, 0);
            negatives.Sort(temperature, shift);
            loss = Form.Surrogate switch
            {
                Surrogate.Squared => SeparablePairs.Squared(positives, negatives),
                Surrogate.Hinge => SeparablePairs.Hinge(positives, negatives),
                Surrogate.Linear => SeparablePairs.Linear(positives, negatives),
                _ => SeparablePairs.Exponential(positives, negatives),
            };
        }

        Scatter(positives, -temperature, ds);
        Scatter(negatives, temperature, ds);
        return Saturated(loss);
    }

    private float Matched(float* s, float* y, float* ds, int count, int pairs)
    {
        int* places = _matched.Pointer;
        int negatives = 0;
        for (int i = 0; i < count; i++)
        {
            ds[i] = 0;
            if (!(y[i] > 0))
            {
                places[negatives++] = i;
            }
        }

        double sum = 0;
        int pair = 0;
        for (int i = 0; pair < pairs; i++)
        {
            if (!(y[i] > 0))
            {
                continue;
            }

            int j = places[pair++];
            float d = (float)(Form.Temperature * ((double)s[i] - s[j] - (2.0 * Form.Margin)));
            double slope = (double)Form.Temperature * SurrogateOperator.Slope(Form.Surrogate, d) / pairs;
            sum += SurrogateOperator.Value(Form.Surrogate, d);
            ds[i] = Saturated(slope);
            ds[j] = Saturated(-slope);
        }

        return Saturated(sum / pairs);
    }
}
