namespace Differential.Core.Training;

/// <summary>For trainings whose progress nobody follows.</summary>
internal sealed class SilentObserver : ITrainingObserver
{
    public static readonly SilentObserver Instance = new();

    public void EpochDone(EpochReport report)
    {
    }
}
