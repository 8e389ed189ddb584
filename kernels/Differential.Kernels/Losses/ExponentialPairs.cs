using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Losses;

/// <summary>
/// The exponential surrogate over all pairs, as <see cref="SeparablePairs.Exponential"/> has it: with u the positives'
/// scaled scores and v the negatives', Σ e^(v − u) = e^(max v − min u) · Σ e^(v − max v) · Σ e^(min u − u). The sums lie
/// between 1 and the number of scores, so that nothing overflows unless the mean does. In the time of the scores, not
/// of the pairs, in one launch of one group.
/// </summary>
internal static class ExponentialPairs
{
    public static void Run(PairwiseArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        ArrayView<float> low = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float temperature = arguments.Temperature;
        float positives = 0;
        float largest = 0;
        float lowest = float.MaxValue;
        float highest = -float.MaxValue;
        for (int i = Group.IdxX; i < arguments.Count; i += Group.DimX)
        {
            float score = arguments.Scores[i];
            bool positive = arguments.Labels[i] > 0;
            positives += positive ? 1f : 0f;
            largest = GroupReduction.Larger(largest, MathF.Abs(score));
            lowest = positive && score < lowest ? score : lowest;
            highest = !positive && score > highest ? score : highest;
        }

        positives = GroupReduction.Sum(positives, scratch);
        float negatives = arguments.Count - positives;
        bool valid = PairwiseKernels.IsValid(GroupReduction.Max(largest, scratch), arguments);
        lowest = -GroupReduction.Max(-lowest, scratch);
        highest = GroupReduction.Max(highest, scratch);

        CompensatedSum sumPositive = default;
        CompensatedSum sumNegative = default;
        for (int i = Group.IdxX; i < arguments.Count; i += Group.DimX)
        {
            float score = arguments.Scores[i];
            bool positive = arguments.Labels[i] > 0;
            float term = new WideExponential(temperature, positive ? lowest : score, positive ? score : highest, 0).Times(1);
            sumPositive = CompensatedSum.Add(sumPositive, positive ? term : 0);
            sumNegative = CompensatedSum.Add(sumNegative, positive ? 0 : term);
        }

        float meanPositive = GroupReduction.Sum(sumPositive, scratch, low) / positives;
        float meanNegative = GroupReduction.Sum(sumNegative, scratch, low) / negatives;
        bool empty = positives == 0 || negatives == 0;
        for (int i = Group.IdxX; i < arguments.Count; i += Group.DimX)
        {
            float score = arguments.Scores[i];
            bool positive = arguments.Labels[i] > 0;
            float mean = positive ? -meanNegative / positives : meanPositive / negatives;
            var pair = new WideExponential(temperature, positive ? highest : score, positive ? score : lowest, arguments.Gap);
            float slope = PairwiseKernels.Saturated(pair.Times(mean * temperature));
            arguments.DScores[i] = empty ? 0 : valid ? slope : float.NaN;
        }

        if (Group.IdxX == 0)
        {
            float mean = new WideExponential(temperature, highest, lowest, arguments.Gap).Times(meanPositive * meanNegative);
            arguments.Loss[0] = empty ? 0 : valid ? PairwiseKernels.Saturated(mean) : float.NaN;
        }
    }
}
