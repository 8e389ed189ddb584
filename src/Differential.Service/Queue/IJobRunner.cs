using Differential.Service.Jobs;

namespace Differential.Service.Queue;

/// <summary>Why a running job is asked to stop.</summary>
public interface IJobSignals
{
    /// <summary>Fires for a shutdown, a cancellation or a lost job: checkpoint at the next step and return.</summary>
    CancellationToken StopToken { get; }

    /// <summary>True where the job is cancelled for good.</summary>
    bool IsCancelled { get; }
}

/// <summary>Runs a job file in its run folder. Everything that a job does happens behind this.</summary>
public interface IJobRunner
{
    /// <summary>
    /// How far a run folder's job has come: any text that changes when a checkpoint is written, null before the first.
    /// </summary>
    string? ProgressOf(string runFolder);

    /// <summary>Whether the run folder holds the finished result of this job, from before a crash.</summary>
    bool IsFinished(string runFolder);

    /// <summary>The mistake that a look at a job's file shows; null where there is none, or the file is gone.</summary>
    /// <param name="file">The file.</param>
    /// <param name="source">What messages call it.</param>
    Core.InputException? MistakeIn(string file, string source) => null;

    /// <summary>Runs the job from its checkpoint or from the start.</summary>
    /// <param name="job">The job.</param>
    /// <param name="device">The device of the slot; null leaves it to the job.</param>
    /// <param name="isAlone">Whether it runs in a process of its own, which it may take down.</param>
    /// <param name="signals">When to stop.</param>
    /// <exception cref="JobProcessException">Its own process ended without a word.</exception>
    /// <returns>Done, cancelled or interrupted.</returns>
    /// <exception cref="Exception">The job failed; an <see cref="Core.InputException"/> for a mistake in its input.</exception>
    Task<JobState> RunAsync(ActiveJob job, string? device, bool isAlone, IJobSignals signals);
}
