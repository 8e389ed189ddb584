
using Differential.Core.Attacks;

namespace Differential.Core.Checks;

/// <summary>Twice the steps change little: else the attack has not come to its end.</summary>
internal sealed class StepsCheck : EvaluationCheck
{
    private const double MostGain = 0.03;

    public override string Name => "steps";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        AttackResult once = subject.Attack(subject.Pgd());
        AttackResult twice = subject.Attack(subject.Pgd(steps: 2));
        int gain = twice.FlippedCount - once.FlippedCount;
        return Result(
            gain <= subject.Slack || gain <= MostGain * subject.Samples.Count,
            $"{subject.Options.Steps} steps flip {Percent(once.FlipRate)}, {2 * subject.Options.Steps} steps {Percent(twice.FlipRate)}.",
            ("steps", once.FlipRate),
            ("twice", twice.FlipRate));
    }
}
