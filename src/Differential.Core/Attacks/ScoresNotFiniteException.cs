namespace Differential.Core.Attacks;

/// <summary>Samples whose scores are infinite or NaN have no decision, and nothing can be said of attacks on them.</summary>
/// <param name="broken">Samples with such a score.</param>
/// <param name="count">Samples in all.</param>
public sealed class ScoresNotFiniteException(int broken, int count)
    : Exception($"the scores of {broken} of {count} samples are not finite: {Allowed}")
{
    /// <summary>What it takes.</summary>
    public const string Allowed = "inputs and a network whose scores float32 can hold";

    /// <summary>What was found.</summary>
    public string Found => $"scores of {broken} of {count} samples that are not finite";
}
