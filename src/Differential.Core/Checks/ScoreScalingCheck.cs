
using Differential.Core.Attacks;

namespace Differential.Core.Checks;

/// <summary>
/// The score multiplied by k decides every input as before, so that an attack must find the same flips. PGD on the margin does; PGD on the
/// cross-entropy, through a float32 sigmoid, loses them as the sigmoid saturates. The check shows how far this very network is from
/// that: it warns where a third of the room is used up, or where the margin attack depends on k.
/// </summary>
internal sealed class ScoreScalingCheck : EvaluationCheck
{
    private const double MostLoss = 0.05;
    private static readonly float[] Factors = [1, 3, 10, 30, 100];

    public override string Name => "scoreScaling";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        PgdOptions crossEntropy = subject.Pgd(objective: AttackObjective.CrossEntropy);
        AttackResult margin = subject.Attack(subject.Pgd());
        AttackResult scaledMargin = subject.Attack(subject.Pgd(), Factors[^1]);
        AttackResult[] outcomes = [.. Factors.Select(factor => subject.Attack(crossEntropy, factor))];
        bool marginHolds = Math.Abs(margin.FlippedCount - scaledMargin.FlippedCount) <= subject.Slack;
        bool losesLittle = Loss(0) <= MostLoss && Loss(1) <= MostLoss;
        return Result(
            marginHolds && losesLittle,
            $"PGD on the margin flips {Percent(margin.FlipRate)}, with the score times {Factors[^1]} {Percent(scaledMargin.FlipRate)}; on the cross-entropy with the score times "
                + string.Join(" / ", Factors) + ": " + string.Join(" / ", outcomes.Select(o => Percent(o.FlipRate)))
                + (losesLittle ? "." : ". An attack on the cross-entropy would show this network as harder to fool than it is."),
            [
                ("margin", margin.FlipRate), ("margin×100", scaledMargin.FlipRate),
                .. Factors.Select((factor, i) => ($"crossEntropy×{factor}", (double?)outcomes[i].FlipRate)),
            ]);

        double Loss(int index) => margin.FlipRate - outcomes[index].FlipRate;
    }
}
