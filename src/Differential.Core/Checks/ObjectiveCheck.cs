
using Differential.Core.Attacks;

namespace Differential.Core.Checks;

/// <summary>
/// The cross-entropy of a single score leads an attack the same way as the margin does, that of several scores nearly so, as long as its gradient is there: a gap is a
/// sign of saturated scores, and of attacks on the cross-entropy that cannot be believed.
/// </summary>
internal sealed class ObjectiveCheck : EvaluationCheck
{
    public override string Name => "objective";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        AttackResult margin = subject.Attack(subject.Pgd());
        AttackResult crossEntropy = subject.Attack(subject.Pgd(objective: AttackObjective.CrossEntropy));
        int gap = Math.Abs(margin.FlippedCount - crossEntropy.FlippedCount);
        return Result(
            gap <= subject.Slack,
            $"PGD on the margin flips {Percent(margin.FlipRate)}, on the cross-entropy {Percent(crossEntropy.FlipRate)}{(gap > subject.Slack ? ": the scores saturate" : string.Empty)}.",
            ("margin", margin.FlipRate),
            ("crossEntropy", crossEntropy.FlipRate),
            ("zeroGradients", crossEntropy.ZeroGradients));
    }
}
