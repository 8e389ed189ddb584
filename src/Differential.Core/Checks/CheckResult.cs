namespace Differential.Core.Checks;

/// <summary>How a check of an evaluation came out.</summary>
public enum CheckStatus
{
    Passed,

    /// <summary>The evaluation may show a network as harder to fool than it is, or its numbers do not fit one another.</summary>
    Warned,
}

/// <summary>A check's outcome.</summary>
/// <param name="Name">Which check.</param>
/// <param name="Status">How it came out.</param>
/// <param name="Figures">What it measured, by name; rates are shares in [0, 1], null where there was nothing to measure.</param>
/// <param name="Text">The same for people: what was compared, and what came out.</param>
public sealed record CheckResult(string Name, CheckStatus Status, IReadOnlyDictionary<string, double?> Figures, string Text);
