
using Differential.Core.Attacks;

namespace Differential.Core.Checks;

/// <summary>An iterative attack flips no fewer samples than one step does.</summary>
internal sealed class IterativeCheck : EvaluationCheck
{
    public override string Name => "iterative";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        AttackResult iterative = subject.Attack(subject.Pgd());
        AttackResult step = subject.Attack(new FgsmOptions { Norm = subject.Options.Norm, Epsilons = subject.Budget() });
        return Result(
            iterative.FlippedCount >= step.FlippedCount - subject.Slack,
            $"PGD flips {Percent(iterative.FlipRate)}, one step {Percent(step.FlipRate)}; fewer flips by PGD would mean that its steps go astray.",
            ("pgd", iterative.FlipRate),
            ("fgsm", step.FlipRate));
    }
}
