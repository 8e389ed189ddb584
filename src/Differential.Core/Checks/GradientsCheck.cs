
using Differential.Core.Attacks;

namespace Differential.Core.Checks;

/// <summary>Few searches end at a gradient that is zero or not finite: an attack that has none has not failed to find a flip, it has not looked.</summary>
internal sealed class GradientsCheck : EvaluationCheck
{
    private const double MostShare = 0.01;

    public override string Name => "gradients";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        AttackResult[] outcomes = [.. subject.Run.Attacks, subject.Attack(subject.Pgd())];
        long zero = outcomes.Sum(static outcome => outcome.ZeroGradients);
        long bad = outcomes.Sum(static outcome => outcome.NonFiniteGradients);
        bool passed = outcomes.All(static outcome => outcome.NonFiniteGradients == 0 && outcome.ZeroGradients <= MostShare * outcome.Flipped.Count);
        return Result(
            passed,
            $"In all attacks of the run {zero} searches ended at a gradient of zero and {bad} at one that is not finite.",
            ("zero", zero),
            ("nonFinite", bad),
            ("gradients", outcomes.Sum(static outcome => outcome.Counters.Gradients)));
    }
}
