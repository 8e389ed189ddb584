using Differential.Core;
using Differential.Core.Files;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Hosting;

/// <summary>How the worker's jobs start and end.</summary>
internal sealed partial class QueueService
{
    /// <summary>A job's process that ran for longer than this, and came further, starts its count of ends anew.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromMinutes(10);

    /// <summary>How long bad files are refused at one turn of the loop; the rest waits for the next.</summary>
    private static readonly TimeSpan RefusalBudget = TimeSpan.FromMilliseconds(500);

    private void StartJobs()
    {
        if (!HasRoom())
        {
            return;
        }

        Next.Look();
        RefuseBad();
        while (_slots.AnyFree && HasRoom())
        {
            if (_held.Waiting.FirstOrDefault(w => !w.IsAlone && w.Retry.IsDue && !IsRunning(w.Job.Id)) is { } waiting)
            {
                Start(waiting);
                continue;
            }

            // Under suspicion of having taken the process down: after the jobs that waited already, and one at a time.
            WaitingJob? alone = _running.Exists(r => r.IsAlone) ? null : _held.Waiting.FirstOrDefault(w => w.IsAlone && w.Retry.IsDue && !IsRunning(w.Job.Id));
            if (StartNext(alone?.Since))
            {
                continue;
            }

            if (alone is null)
            {
                return;
            }

            Start(alone);
        }
    }

    private void Start(WaitingJob waiting)
    {
        _held.Take(waiting);
        Start(waiting.Job, _slots.Take(null)!);
    }

    // What will never run needs no slot to be told so.
    private void RefuseBad()
    {
        long start = time.GetTimestamp();
        foreach ((IncomingJob bad, InputException refusal) in Next.Bad().Where(b => IsDue(b.Job)))
        {
            if (Claim(bad) is { } job)
            {
                End(job, JobState.Failed, refusal);
            }

            if (time.GetElapsedTime(start) > RefusalBudget)
            {
                return;
            }
        }
    }

    // The first waiting file that may run now and for which a slot is free; of those from before a time, where one is given.
    private bool StartNext(DateTimeOffset? before)
    {
        if (Next.Next(job => !(job.Modified > before) && IsDue(job)) is not var (incoming, slot))
        {
            return false;
        }

        if (Claim(incoming) is { } job)
        {
            Start(job, slot);
        }
        else
        {
            _slots.Return(slot);
        }

        return true;
    }

    private bool IsDue(IncomingJob incoming) => !_unclaimed.TryGetValue(incoming.Name, out Backoff? retry) || retry.IsDue;

    // Null where another worker was faster or it can't be done now; a claim that broke off behind the move is found in the worker's folder.
    private ActiveJob? Claim(IncomingJob incoming)
    {
        try
        {
            ActiveJob? job = _queue!.Claim(incoming);
            Next.Took(incoming);
            _unclaimed.Remove(incoming.Name);
            _troubles.Settle(Cause.Claim, incoming.Name);
            if (job is not null)
            {
                LogClaimed(job.Id, incoming.Name);
            }

            return job;
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            if (!_unclaimed.TryGetValue(incoming.Name, out Backoff? retry))
            {
                _unclaimed[incoming.Name] = retry = new Backoff(time);
            }

            retry.Fail();
            if (File.Exists(Path.Combine(root.Incoming, incoming.Name)))
            {
                Note(Cause.Claim, incoming.Name, exception);
            }
            else
            {
                Next.Took(incoming);
                Note(Cause.Start, JobId.From(Path.GetFileNameWithoutExtension(incoming.Name)), exception);
            }

            return null;
        }
    }

    private void Start(ActiveJob job, string slot)
    {
        RunningJob? running = null;
        try
        {
            if (File.Exists(job.CancelMarker))
            {
                End(job, JobState.Cancelled);
                return;
            }

            if (runner.IsFinished(job.RunFolder))
            {
                End(job, JobState.Done);
                return;
            }

            JobTicket ticket = _queue!.CountStart(job, _endedInOrder.Contains(job.Id));
            _endedInOrder.Remove(job.Id);
            if (IsAbandoned(ticket))
            {
                End(job, JobState.Failed, new JobAbandonedException(ticket.Attempts, null));
                return;
            }

            running = new RunningJob(job, slot, ticket.Alone, time.GetTimestamp());
            LogState(job.Id, ticket.Alone ? $"{JobState.Running.ToText()} in a process of its own" : JobState.Running.ToText(), ticket.Starts);
            running.Start(runner);
            _running.Add(running);
            _troubles.Settle(Cause.Start, job.Id);
            _troubles.Settle(Cause.Run, job.Id);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            Note(Cause.Start, job.Id, exception);
            WaitAfterFailure(job);
        }
        finally
        {
            if (running is null)
            {
                _slots.Return(slot);
            }
        }
    }

    private bool IsAbandoned(JobTicket ticket) => ticket.Crashes > 0 && ticket.Attempts >= options.Queue.MaxAttempts;

    private void Wait(ActiveJob job) =>
        _held.Wait(new WaitingJob(job, _held.RetryOf(job.Id, time), time.GetUtcNow()) { IsAlone = _queue!.RunsAlone(job, _endedInOrder.Contains(job.Id)) });

    private void WaitAfterFailure(ActiveJob job)
    {
        _held.RetryOf(job.Id, time).Fail();
        Wait(job);
    }

    // Stops what was cancelled, and what another worker took because this one stood still for too long.
    private void CheckRunning()
    {
        foreach (RunningJob running in _running.Where(r => !r.StopToken.IsCancellationRequested))
        {
            if (File.Exists(running.Job.CancelMarker))
            {
                running.Cancel();
            }
            else if (!Holds(running.Job))
            {
                running.Interrupt();
            }
        }
    }

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

    private bool HasRoom()
    {
        if (_room.Look())
        {
            _troubles.Settle(Cause.Room, string.Empty);
            return true;
        }

        _troubles.Report(Cause.Room, string.Empty, $"no job is started: less than {options.Queue.MinimumFreeBytes} bytes are free under {root.Path}, or a job has met a full disk");
        return false;
    }
}
