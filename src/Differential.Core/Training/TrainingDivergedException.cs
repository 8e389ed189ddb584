namespace Differential.Core.Training;

/// <summary>The loss or the scores became infinite or NaN. The latest checkpoint is of before that.</summary>
/// <param name="epoch">From 1.</param>
/// <param name="step">Step of the epoch, from 1; 0 where it was seen in the scores after the epoch.</param>
/// <param name="found">What was found.</param>
public sealed class TrainingDivergedException(int epoch, int step, string found)
    : Exception($"training diverged in epoch {epoch}{(step > 0 ? $", step {step}" : string.Empty)}: {found}; {Advice(epoch, step)}")
{
    public int Epoch { get; } = epoch;

    public int Step { get; } = step;

    /// <summary>Before the first update no learning rate can be the cause.</summary>
    private static string Advice(int epoch, int step) => epoch == 1 && step == 1
        ? "it was the first step: the inputs are too large for the network; a smaller model.input.scale, or a smaller temperature of the loss, may help"
        : "a smaller learning rate may help";
}
