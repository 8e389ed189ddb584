namespace Differential.Core.Training;

/// <summary>Is told how a training goes, on the thread that trains. An exception ends the training.</summary>
public interface ITrainingObserver
{
    /// <summary>A checkpoint was found: the training goes on in this epoch (from 1) after so many of its steps.</summary>
    /// <param name="epoch">From 1; the last one where all are done.</param>
    /// <param name="stepsDone">Steps of it that are done.</param>
    /// <param name="reports">The reports of the epochs before, of which some may not have been told.</param>
    void Resumed(int epoch, int stepsDone, IReadOnlyList<EpochReport> reports)
    {
    }

    /// <summary>A checkpoint file that is broken was passed over for an older one, or for a fresh start.</summary>
    void CheckpointIgnored(string path, string reason)
    {
    }

    /// <summary>A step, or a few of them on a device that runs behind the host, is done.</summary>
    void StepDone(StepReport report)
    {
    }

    void EpochDone(EpochReport report);
}
