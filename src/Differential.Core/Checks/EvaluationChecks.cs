using System.Globalization;
using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Core.Checks;

/// <summary>The checks of an evaluation, one after the other.</summary>
public static class EvaluationChecks
{
    /// <summary>In the order of the report.</summary>
    public static IReadOnlyList<EvaluationCheck> All { get; } =
    [
        new IterativeCheck(), new BudgetsCheck(), new LargeBudgetCheck(), new StepsCheck(), new ObjectiveCheck(), new GradientFreeCheck(),
        new NoiseCheck(), new GradientsCheck(), new VerificationCheck(), new ScoreScalingCheck(), new BracketCheck(),
    ];

    /// <summary>Runs all of them.</summary>
    /// <param name="subject">The model, its samples and results.</param>
    /// <param name="progressed">Told of each check that is done.</param>
    public static IReadOnlyList<CheckResult> Run(CheckSubject subject, Action<CheckResult>? progressed = null)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var results = new List<CheckResult>();
        foreach (EvaluationCheck check in All)
        {
            results.Add(check.Run(subject));
            progressed?.Invoke(results[^1]);
        }

        return results;
    }

    /// <summary>What the checks were run on, for people.</summary>
    public static string Describe(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        CheckOptions options = subject.Options;
        string norm = options.Norm.Symbol();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"On {subject.Samples.Count} of the attacked samples, {norm} budget {new Fraction(options.Epsilon).ToText()}, PGD of {options.Steps} steps from one random start.");
    }
}
