namespace Differential.Core.Training;

/// <summary>Progress within an epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Epochs">Epochs of the run.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="Steps">Steps of an epoch.</param>
/// <param name="Loss">Mean loss of the epoch so far.</param>
/// <param name="ImagesPerSecond">Training samples per second of the epoch so far.</param>
public readonly record struct StepReport(int Epoch, int Epochs, int Step, int Steps, double Loss, double ImagesPerSecond);
