using Differential.Core;
using Differential.Core.Files;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Hosting;

/// <summary>How the worker's jobs end.</summary>
internal sealed partial class QueueService
{
    /// <summary>A job's process that ran for longer than this, and came further, starts its count of ends anew.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromMinutes(10);

    // Decides what becomes of the jobs that no longer run.
    private async Task SettleAsync()
    {
        foreach (RunningJob running in _running.Where(r => r.Completion.IsCompleted).ToList())
        {
            _running.Remove(running);
            _slots.Return(running.Slot);
            await SettleAsync(running);
            running.Dispose();
        }
    }

    private async Task SettleAsync(RunningJob running)
    {
        ActiveJob job = running.Job;
        try
        {
            JobState outcome = await running.Completion;
            if (!Holds(job))
            {
                Lost(job);
            }
            else if (outcome == JobState.Interrupted || (outcome == JobState.Done && running.IsDisturbed && !runner.IsFinished(job.RunFolder)))
            {
                LogState(job.Id, JobState.Interrupted.ToText(), 0);
                EndStart(job);
                Wait(job);
            }
            else
            {
                End(job, outcome);
            }
        }
        catch (JobProcessException exception)
        {
            Crashed(running, exception);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            FailedOnFiles(running, exception);
        }
#pragma warning disable CA1031 // whatever a job throws fails that job, never the service
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // Input that is missing while the root is away is missing for that reason.
            if (running.IsDisturbed && Holds(job))
            {
                EndStart(job);
                Wait(job);
            }
            else
            {
                End(job, JobState.Failed, exception);
            }
        }
    }

    private void EndStart(ActiveJob job)
    {
        try
        {
            _queue!.EndStart(job);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            _endedInOrder.Add(job.Id);
            Note(Cause.Run, job.Id, exception);
        }
    }

    private void Crashed(RunningJob running, JobProcessException exception)
    {
        ActiveJob job = running.Job;
        if (!Holds(job))
        {
            Lost(job);
            return;
        }

        LogCrashed(job.Id, exception.Message);
        try
        {
            JobTicket ticket = _queue!.CountCrash(job, runner.ProgressOf(job.RunFolder), time.GetElapsedTime(running.Started) >= LongRun);
            if (IsAbandoned(ticket))
            {
                End(job, JobState.Failed, new JobAbandonedException(ticket.Attempts, exception.Message));
                return;
            }
        }
        catch (Exception error) when (SystemError.IsOfFiles(error))
        {
            Note(Cause.Run, job.Id, error);
        }

        WaitAfterFailure(job);
    }

    // A file that can't be written is the root's fault where the root shows it; otherwise the job's, once it has happened again and again.
    private void FailedOnFiles(RunningJob running, Exception exception)
    {
        ActiveJob job = running.Job;
        if (!Holds(job))
        {
            Lost(job);
            return;
        }

        bool isOfRoot = running.IsDisturbed || (exception is IOException full && DiskSpace.IsFull(full)) || RunFolderProbe.Trouble(job.RunFolder) is not null;
        int faults = isOfRoot ? 0 : _fileFaults.GetValueOrDefault(job.Id) + 1;
        if (faults >= options.Queue.MaxAttempts)
        {
            End(job, JobState.Failed, exception);
            return;
        }

        _fileFaults[job.Id] = faults;
        EndStart(job);
        Note(Cause.Run, job.Id, exception);
        WaitAfterFailure(job);
    }

    private void End(ActiveJob job, JobState state, Exception? error = null)
    {
        var end = new PendingEnd(job, state, error, new Backoff(time));
        _held.Ends.Add(end);
        TryEnd(end);
    }

    private void TryEnd(PendingEnd end)
    {
        try
        {
            if (!Holds(end.Job) || !_queue!.Finish(end.Job, end.State, end.Error))
            {
                Lost(end.Job);
            }
            else if (end.Error is null)
            {
                Next.Ended(end.Job.Id, end.State);
                LogEnded(end.Job.Id, end.State);
                notifier?.Ended(end.Job.Id, end.State, null);
            }
            else
            {
                Next.Ended(end.Job.Id, end.State);

                // What a driver said is one line; nobody reads a stack in it.
                LogFailed(end.Job.Id, end.Error is InputException or DeviceLostException ? null : end.Error, end.Error.Message);
                notifier?.Ended(end.Job.Id, end.State, end.Error.Message);
            }
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            end.Retry.Fail();
            Note(Cause.End, end.Job.Id, exception);
            return;
        }

        _held.Ends.Remove(end);
        Forget(end.Job.Id);
    }

    // Another worker's now, because this one stood still; or its file went with the worker's folder, and is put back.
    private void Lost(ActiveJob job)
    {
        try
        {
            if (IsOfThisWorker(job) && FileStatus.Of(_keeper.Current!.File) is null)
            {
                // The lease went with it: the next turn sees that, and decides under the new one.
                _lostWithLease.Add(job);
                return;
            }

            if (_queue!.PutBack(job))
            {
                LogPutBack(job.Id);
            }
            else
            {
                LogLost(job.Id);
            }

            Forget(job.Id);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            // Held as it is: the next turn looks again.
            Note(Cause.Start, job.Id, exception);
            _held.Ends.Add(new PendingEnd(job, JobState.Running, null, new Backoff(time)));
        }
    }

    private void Forget(string id)
    {
        _held.Forget(id);
        _fileFaults.Remove(id);
        foreach (string cause in Cause.OfJobs)
        {
            _troubles.Settle(cause, id);
        }
    }
}
