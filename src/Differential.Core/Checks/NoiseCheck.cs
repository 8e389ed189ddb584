
using Differential.Core.Attacks;

namespace Differential.Core.Checks;

/// <summary>Random noise of the same size does far worse than an attack: else the attack searches no better than chance.</summary>
internal sealed class NoiseCheck : EvaluationCheck
{
    private const int Draws = 10;
    private const double MostShare = 0.5;

    public override string Name => "noise";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        AttackResult attack = subject.Attack(subject.Pgd());
        AttackResult noise = subject.Attack(new NoiseOptions { Norm = subject.Options.Norm, Epsilons = subject.Budget(), Draws = Draws });
        return Result(
            noise.FlippedCount <= Math.Max(subject.Slack, MostShare * attack.FlippedCount),
            $"The worst of {Draws} draws of uniform noise flips {Percent(noise.FlipRate)}, PGD {Percent(attack.FlipRate)}.",
            ("noise", noise.FlipRate),
            ("pgd", attack.FlipRate));
    }
}
