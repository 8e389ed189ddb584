using Differential.Core;
using Differential.Kernels.Devices;
using Differential.Service.Observability;
using Differential.Service.Queue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Hosting;

/// <summary>
/// The loop of a worker: takes over what dead workers left, takes what lies in <c>incoming/</c>, runs as many jobs as there are
/// slots, and moves each to where it ends. One thread does all moves.
/// </summary>
internal sealed partial class QueueService(ServiceRoot root, ServiceOptions options, IJobRunner runner, TimeProvider time, ILogger<QueueService> logger, LoopPulse? pulse = null) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly List<RunningJob> _running = [];
    private readonly Queue<ActiveJob> _held = [];
    private readonly DeviceSlots _slots = new(options.Workers);
    private readonly RoomWatch _room = new(root.Path, options.Queue.MinimumFreeBytes, time);
    private readonly HashSet<string> _stoppedByFullDisk = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        root.Create();
        var lease = WorkerLease.Acquire(root);
        var queue = new JobQueue(root, lease, options.Queue, time);
        var index = new IncomingIndex(root, options.Queue, time);
        var watch = new LeaseWatch(root, options.Queue.LeaseTimeout, time);
        using var hints = new FolderHints(root.Incoming, logger);
        using var beating = new CancellationTokenSource();
        Task heartbeat = Task.Run(() => BeatAsync(lease, beating.Token), CancellationToken.None);
        LogStarted(root.Path, lease.Worker, _slots.Total);
        try
        {
            await LoopAsync(lease, queue, index, watch, hints, stoppingToken);
        }
        finally
        {
            await StopJobsAsync(queue);
            await beating.CancelAsync();
            await heartbeat;
            lease.Release();
            LogStopped(lease.Worker);
        }
    }

    private async Task LoopAsync(WorkerLease lease, JobQueue queue, IncomingIndex index, LeaseWatch watch, FolderHints hints, CancellationToken stopping)
    {
        var leftAlone = new LeftAlone(root, options.Queue.SettleTime, time);
        long lastScan = 0;
        bool hinted = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await SettleAsync(queue);
                CheckRunning();
                hinted |= hints.Take();
                TimeSpan since = lastScan == 0 ? TimeSpan.MaxValue : time.GetElapsedTime(lastScan);
                if (since >= options.Queue.RescanInterval || (hinted && since >= Tick))
                {
                    hinted = false;
                    lastScan = time.GetTimestamp();
                    foreach (string dead in watch.Expired(lease.Worker))
                    {
                        foreach (ActiveJob job in queue.TakeOver(dead))
                        {
                            LogTakenOver(job.Id, Path.GetFileName(dead));
                            _held.Enqueue(job);
                        }
                    }

                    index.Scan();
                    foreach (string name in leftAlone.News())
                    {
                        LogLeftAlone(name);
                    }
                }

                StartJobs(queue, index);
                pulse?.Beat(_running.Count, index.Ready.Count);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The root is full, read-only or gone for the moment: nothing is lost by waiting.
                LogTrouble(exception.Message);
            }

            await Task.WhenAny([Task.Delay(Tick, time, stopping), .. hinted ? [] : (Task[])[hints.Changed], .. _running.Select(r => (Task)r.Completion)]);
        }
    }

    private void StartJobs(JobQueue queue, IncomingIndex index)
    {
        while (_slots.AnyFree && HasRoom())
        {
            if (_held.TryDequeue(out ActiveJob? held))
            {
                string? slot = _slots.Take(null);
                Start(queue, held, slot!);
                continue;
            }

            if (!StartNext(queue, index))
            {
                return;
            }
        }
    }

    // The first waiting job that may run now and for which a slot is free.
    private bool StartNext(JobQueue queue, IncomingIndex index)
    {
        foreach (IncomingJob incoming in index.Ready)
        {
            Exception? refusal = Refuse(incoming);
            if (refusal is null && !incoming.After.All(id => File.Exists(ServiceRoot.JobFile(root.Done, id))))
            {
                continue;
            }

            string? slot = _slots.Take(refusal is null ? incoming.Device : null);
            if (slot is null)
            {
                continue;
            }

            index.Forget(incoming.Name);
            ActiveJob? job = null;
            try
            {
                job = queue.Claim(incoming);
            }
            finally
            {
                if (job is null)
                {
                    _slots.Return(slot);
                }
            }

            if (job is null)
            {
                return true;
            }

            LogClaimed(job.Id, incoming.Name);
            if (refusal is not null)
            {
                _slots.Return(slot);
                Finish(queue, job, JobState.Failed, refusal);
            }
            else
            {
                Start(queue, job, slot);
            }

            return true;
        }

        return false;
    }

    private InputException? Refuse(IncomingJob incoming)
    {
        if (incoming.IsLink)
        {
            return QueuedJobRunner.Link(incoming.Name);
        }

        if (!_slots.Serves(incoming.Device))
        {
            return new InputException(incoming.Name, "$.device", $"no worker of this service runs jobs on '{incoming.Device}'", $"its workers: {string.Join(", ", options.Workers.Keys)}");
        }

        string? broken = incoming.After.FirstOrDefault(id => File.Exists(ServiceRoot.JobFile(root.Failed, id)) || File.Exists(ServiceRoot.JobFile(root.Cancelled, id)));
        return broken is null ? null : new InputException(incoming.Name, "$.after", $"job '{broken}' did not end as done", "ids of jobs that end as done");
    }

    private void Start(JobQueue queue, ActiveJob job, string slot)
    {
        RunningJob? running = null;
        try
        {
            if (File.Exists(job.CancelMarker))
            {
                Finish(queue, job, JobState.Cancelled);
                return;
            }

            if (runner.IsFinished(job.RunFolder))
            {
                Finish(queue, job, JobState.Done);
                return;
            }

            JobTicket ticket = queue.CountStart(job, runner.ProgressOf(job.RunFolder), again: _stoppedByFullDisk.Remove(job.Id));
            if (ticket.Attempts > options.Queue.MaxAttempts)
            {
                Finish(queue, job, JobState.Failed, new JobAbandonedException(options.Queue.MaxAttempts));
                return;
            }

            running = new RunningJob(job, slot);
            LogState(job.Id, "running", ticket.Starts);
            running.Start(runner);
            _running.Add(running);
        }
        catch (IOException)
        {
            _held.Enqueue(job);
            throw;
        }
        finally
        {
            if (running is null)
            {
                _slots.Return(slot);
            }
        }
    }

    // Stops what was cancelled, and what another worker took because this one stood still for too long.
    private void CheckRunning()
    {
        foreach (RunningJob running in _running)
        {
            if (running.StopToken.IsCancellationRequested)
            {
                continue;
            }

            if (File.Exists(running.Job.CancelMarker))
            {
                running.Cancel();
            }
            else if (!running.Job.IsHeld)
            {
                LogLost(running.Job.Id);
                running.Interrupt();
            }
        }
    }

    // Moves the jobs that have ended; what can't be moved now (a full disk) is tried again.
    private async Task SettleAsync(JobQueue queue)
    {
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            RunningJob running = _running[i];
            if (!running.Completion.IsCompleted)
            {
                continue;
            }

            await SettleAsync(queue, running);
            _running.RemoveAt(i);
            _slots.Return(running.Slot);
            running.Dispose();
        }
    }

    private async Task SettleAsync(JobQueue queue, RunningJob running)
    {
        ActiveJob job = running.Job;
        try
        {
            JobOutcome outcome = await running.Completion;
            switch (outcome)
            {
                case JobOutcome.Done:
                    Finish(queue, job, JobState.Done);
                    break;
                case JobOutcome.Cancelled:
                    Finish(queue, job, JobState.Cancelled);
                    break;
                default:
                    queue.UncountStart(job);
                    LogState(job.Id, "interrupted", 0);
                    break;
            }
        }
        catch (IOException exception) when (DiskSpace.IsFull(exception))
        {
            LogNoRoomForJob(job.Id);
            _room.Full();
            _stoppedByFullDisk.Add(job.Id);
            if (job.IsHeld)
            {
                _held.Enqueue(job);
            }
        }
#pragma warning disable CA1031 // whatever a job throws fails that job, never the service
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Finish(queue, job, JobState.Failed, exception);
        }
    }

    private void Finish(JobQueue queue, ActiveJob job, JobState state, Exception? error = null)
    {
        if (!queue.Finish(job, state, error))
        {
            LogLost(job.Id);
        }
        else if (error is null)
        {
            LogEnded(job.Id, state);
        }
        else
        {
            // What a driver said is one line; nobody reads a stack in it.
            LogFailed(job.Id, error is InputException or DeviceLostException ? null : error, error.Message);
        }
    }

    private async Task StopJobsAsync(JobQueue queue)
    {
        foreach (RunningJob running in _running)
        {
            running.Interrupt();
        }

        var all = Task.WhenAll(_running.Select(r => r.Completion.ContinueWith(_ => { }, TaskScheduler.Default)));
        await Task.WhenAny(all, Task.Delay(options.ShutdownTimeout, time));
        try
        {
            await SettleAsync(queue);
        }
        catch (IOException exception)
        {
            LogTrouble(exception.Message);
        }
    }

    private bool HasRoom()
    {
        bool before = _room.IsThere;
        bool now = _room.Look();
        if (now && !before)
        {
            LogRoom(root.Path);
        }
        else if (!now && before)
        {
            LogNoRoom(root.Path, options.Queue.MinimumFreeBytes);
        }

        return now;
    }

    private async Task BeatAsync(WorkerLease lease, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!lease.Beat())
                {
                    LogLeaseLost(lease.Worker);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogTrouble(exception.Message);
            }

            await Task.Delay(options.Queue.Heartbeat, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
