using Differential.Core;
using Differential.Core.Files;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Runs;

namespace Differential.Service.Cluster;

/// <summary>
/// Runs one job of a frozen sweep, wherever it is started and however often: at most one process works on it, and what has ended is not done
/// again.
/// </summary>
internal sealed class TaskRunner(JobRunner runner, TimeProvider time, Serilog.ILogger logger)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <summary>Runs a job, or goes on with it.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="number">The job's, from 1.</param>
    /// <param name="settings">How.</param>
    /// <param name="observer">Told how it goes.</param>
    /// <param name="cancellation">Stops it at its next step.</param>
    /// <returns>Null where it had ended already.</returns>
    /// <exception cref="InputException">The job, its device or its folder is not right; the job's result says so.</exception>
    /// <exception cref="FolderHeldException">Another process holds the job for longer than the patience, or a newer attempt has taken it over.</exception>
    public JobReport? Run(FrozenSweep sweep, int number, TaskSettings settings, JobObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        ArgumentNullException.ThrowIfNull(settings);
        SweepJob job = sweep.Job(number);
        string folder = sweep.TaskFolder(number);
        if (!settings.Fresh && HeaderOf(sweep, number) is { Status: JobState.Done })
        {
            return null;
        }

        RunAttempt attempt = Begin(folder);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var watch = new Timer(_ => StopIfSuperseded(attempt, stop), null, Look, Look);
        try
        {
            bool hasWaited = false;
            using RunFolder held = RunFolder.Wait(folder, settings.Patience, () => hasWaited = Waits(attempt, folder, hasWaited), stop.Token);
            attempt.Check();

            // Whoever held it may have finished meanwhile.
            RunHeader? result = settings.Fresh ? null : HeaderOf(sweep, number);
            if (result is { Status: JobState.Done })
            {
                return null;
            }

            if (hasWaited && result is { Status: JobState.Failed })
            {
                throw new InvalidOperationException(result.Error ?? "the process that held the job failed");
            }

            return Run(sweep, job, attempt, new JobRequest
            {
                Job = job.File,
                Id = sweep.TaskId(number),
                Folder = folder,
                Fresh = settings.Fresh,
                Exact = settings.Exact,
                Held = held,
                Attempt = attempt,
                KeepsPart = sweep.Spec is CompareSpec,
            }, observer, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            attempt.Check();
            throw;
        }
    }

    private JobReport Run(FrozenSweep sweep, SweepJob job, RunAttempt attempt, JobRequest request, JobObserver observer, CancellationToken cancellation)
    {
        try
        {
            CheckDevice(sweep);
            if (attempt.Stalled >= RunAttempt.MostStalled)
            {
                throw new InvalidOperationException(
                    $"{attempt.Stalled + 1} starts in a row came no further, not by an epoch nor by a minute of work: a start takes longer than it may (the time limit?), or ends its process");
            }

            return runner.Run(request, observer, cancellation);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or FolderHeldException or IOException) && HeaderOf(sweep, job.Number) is null)
        {
            // Whoever looks at the files alone is to see why there is no result.
            attempt.Check();
            ResultFile.Write(Path.Combine(request.Folder, "result.json"), HeaderOf(job, request.Id!, exception), null);
            throw;
        }
    }

    private static RunHeader? HeaderOf(FrozenSweep sweep, int number) =>
        ResultFile.ReadHeader(Path.Combine(sweep.TaskFolder(number), "result.json")) is { } header && header.Id == sweep.TaskId(number) ? header : null;

    private RunHeader HeaderOf(SweepJob job, string id, Exception exception) => new()
    {
        Kind = job.File.Spec.Kind,
        Name = job.File.Spec.Title,
        Id = id,
        Status = JobState.Failed,
        Seed = job.File.Spec.Seed,
        Device = SweepFiles.DeviceOf(job.File.Spec),
        Started = time.GetUtcNow(),
        Finished = time.GetUtcNow(),
        Seconds = 0,
        Error = exception.Message.ReplaceLineEndings(" "),
    };

    // What each machine would choose by itself is not frozen.
    private static void CheckDevice(FrozenSweep sweep)
    {
        if (sweep.Spec.Device == "auto")
        {
            throw new InputException(
                sweep.Folder, "job.json: $.device", "\"auto\", which is another device on another machine", "allowed: a device by name; differential slurm freezes it");
        }
    }

    private RunAttempt Begin(string folder)
    {
        SharedFolder.Check(folder);
        try
        {
            return RunAttempt.Begin(folder, time);
        }
        catch (NoFileLocksException exception)
        {
            throw SharedFolder.Mistake(folder, exception);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw new InputException(folder, string.Empty, $"the job's folder can't be written ({exception.Message.TrimEnd('.')})", "allowed: a folder that can be written");
        }
    }

    private bool Waits(RunAttempt attempt, string folder, bool hasWaited)
    {
        if (!hasWaited)
        {
            logger.Warning("{Folder} is held by another process, an earlier attempt perhaps: attempt {Attempt} waits for it", folder, attempt.Number);
        }

        attempt.Check();
        return true;
    }

    private static void StopIfSuperseded(RunAttempt attempt, CancellationTokenSource stop)
    {
        try
        {
            if (attempt.Newer() is not null)
            {
                stop.Cancel();
            }
        }
        catch (ObjectDisposedException)
        {
            // The run has ended.
        }
    }
}
