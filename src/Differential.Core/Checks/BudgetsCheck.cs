
using System.Globalization;
using Differential.Core.Attacks;

namespace Differential.Core.Checks;

/// <summary>
/// The flip rate rises with the budget. The runs' own curves do so by their making, since a flip counts for every larger budget; here
/// each budget is attacked on its own.
/// </summary>
internal sealed class BudgetsCheck : EvaluationCheck
{
    private static readonly double[] Factors = [0.25, 0.5, 1, 2];

    public override string Name => "budgets";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        AttackResult[] outcomes = [.. Factors.Select(factor => subject.Attack(subject.Pgd(budget: factor)))];
        bool rises = outcomes.Zip(outcomes.Skip(1)).All(pair => pair.Second.FlippedCount >= pair.First.FlippedCount - subject.Slack);
        return Result(
            rises,
            $"Attacked apart, {string.Join(", ", outcomes.Select(o => $"{Budget(o.Epsilon!.Value)}: {Percent(o.FlipRate)}"))}; a larger ball holds the smaller one, so that a fall would be the attack's failure.",
            [.. Factors.Select((factor, i) => (factor.ToString(CultureInfo.InvariantCulture), (double?)outcomes[i].FlipRate))]);
    }
}
