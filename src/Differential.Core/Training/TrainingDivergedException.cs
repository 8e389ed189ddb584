namespace Differential.Core.Training;

/// <summary>The loss or the scores became infinite or NaN. The latest checkpoint is of before that.</summary>
/// <param name="epoch">From 1.</param>
/// <param name="step">Step of the epoch, from 1; 0 where it was seen in the scores after the epoch.</param>
/// <param name="found">What was found.</param>
public sealed class TrainingDivergedException(int epoch, int step, string found)
    : Exception($"training diverged in epoch {epoch}{(step > 0 ? $", step {step}" : string.Empty)}: {found}; a smaller learning rate may help")
{
    public int Epoch { get; } = epoch;

    public int Step { get; } = step;
}
