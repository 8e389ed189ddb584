using Differential.Core;
using Differential.Core.Files;
using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Hosting;

/// <summary>How the worker's jobs start.</summary>
internal sealed partial class QueueService
{
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
