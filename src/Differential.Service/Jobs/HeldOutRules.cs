using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Core.Training;

namespace Differential.Service.Jobs;

/// <summary>What needs held-out samples, or two classes.</summary>
internal static class HeldOutRules
{
    /// <param name="data">The samples.</param>
    /// <param name="threshold">Where thresholds come from; null for the default.</param>
    /// <param name="keep">Which epoch is kept.</param>
    /// <param name="mistakes">Gets what is broken.</param>
    public static void Check(DataOptions data, ThresholdChoice? threshold, KeptEpoch keep, InputMistakes mistakes)
    {
        if (threshold?.Rule == ThresholdRule.Validation && data.Validation is null)
        {
            mistakes.Add("$.threshold", "validation, without held-out samples", "fitted or zero; validation beside data.validation");
        }

        if (threshold?.Goal.Kind == ThresholdGoalKind.FalsePositiveRate && data.ClassCount > 2)
        {
            mistakes.Add("$.threshold.falsePositiveRate", $"a false-positive rate with {data.ClassCount} classes", "a false-positive rate with two classes");
        }

        if (keep == KeptEpoch.Best && data.Validation is null)
        {
            mistakes.Add("$.keep", "best, without held-out samples", "last; best beside data.validation");
        }
    }
}
