using System.Globalization;
using Differential.Core.Numerics;

namespace Differential.Core.Checks;

/// <summary>
/// A question put to an attack evaluation (Carlini et al. 2019, 'On Evaluating Adversarial Robustness'): does what was
/// measured behave as it must where the attacks work?
/// </summary>
public abstract class EvaluationCheck
{
    /// <summary>The name in result.json.</summary>
    public abstract string Name { get; }

    /// <summary>Runs the attacks that the check needs, and judges.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, between two steps.</exception>
    public abstract CheckResult Run(CheckSubject subject);

    private protected CheckResult Result(bool passed, string text, params ReadOnlySpan<(string Name, double? Value)> figures)
    {
        var named = new Dictionary<string, double?>();
        foreach ((string name, double? value) in figures)
        {
            named[name] = value;
        }

        return new CheckResult(Name, passed ? CheckStatus.Passed : CheckStatus.Warned, named, text);
    }

    private protected static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>A budget as people read it: "2/255" or "0.5".</summary>
    private protected static string Budget(double epsilon) => new Fraction(epsilon).ToText();
}
