
using Differential.Core.Attacks;

namespace Differential.Core.Checks;

/// <summary>An attack without gradients (Square) flips no sample that the one with gradients leaves: else gradients mislead.</summary>
internal sealed class GradientFreeCheck : EvaluationCheck
{
    public override string Name => "gradientFree";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        AttackResult gradient = subject.Attack(subject.Pgd(steps: 2));
        AttackResult free = subject.Attack(new SquareOptions { Norm = subject.Options.Norm, Epsilons = subject.Budget(), Queries = subject.Options.Queries });
        int alone = free.Flipped.Zip(gradient.Flipped).Count(static pair => pair.First && !pair.Second);
        return Result(
            alone <= subject.Slack,
            $"Square of {subject.Options.Queries} queries flips {Percent(free.FlipRate)}, PGD {Percent(gradient.FlipRate)}; {alone} samples are flipped by Square alone.",
            ("square", free.FlipRate),
            ("pgd", gradient.FlipRate),
            ("squareAlone", alone));
    }
}
