namespace Differential.Core.Theory;

/// <summary>A margin after some steps.</summary>
/// <param name="Iteration">Steps done, from 1.</param>
/// <param name="Margin">The smallest signed distance of a training point to the boundary; negative where one is misclassified.</param>
public readonly record struct MarginPoint(int Iteration, double Margin);

/// <summary>A trained linear model and how its margin grew.</summary>
/// <param name="Separator">w and b as trained; the differential objective's b puts the threshold at the midpoint of the closest scores.</param>
/// <param name="Margin">The last margin; 0 where w is zero.</param>
/// <param name="Iterations">Steps done.</param>
/// <param name="LogLoss">Natural logarithm of the last mean loss (of all pairs, or the last pairs drawn); −∞ where the loss is zero.</param>
/// <param name="Curve">The margin on a grid of 20 iterations per decade, and at the end.</param>
/// <param name="StepsToMilestones">For each milestone the first iteration that reached it; null where none did.</param>
internal sealed record LinearTrainingResult(
    LinearSeparator Separator,
    double Margin,
    int Iterations,
    double LogLoss,
    IReadOnlyList<MarginPoint> Curve,
    IReadOnlyList<int?> StepsToMilestones);
