using Differential.Core.Files;
using Differential.Service.Observability;
using Differential.Service.Queue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Hosting;

/// <summary>
/// The loop of a worker: holds its lease, takes over what dead workers left, takes what lies in <c>incoming/</c>, runs as many jobs as there
/// are slots, and moves each to where it ends. One thread does all moves. Whatever of the root can't be read or written is reported and tried
/// again, job by job; nothing but what a job did decides how it ends.
/// </summary>
internal sealed partial class QueueService(
    ServiceRoot root, ServiceOptions options, IJobRunner runner, TimeProvider time, ILogger<QueueService> logger, LoopPulse? pulse = null, Troubles? troubles = null,
    IncomingIndex? incoming = null, Notifier? notifier = null, EmptyRoot? empty = null) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>Without a job in hand nothing is urgent but new files, and they wake the loop.</summary>
    private static readonly TimeSpan IdleTick = TimeSpan.FromMilliseconds(500);

    private readonly Troubles _troubles = troubles ?? new Troubles(time);
    private readonly LeaseKeeper _keeper = new(root);
    private readonly IncomingIndex _index = incoming ?? new IncomingIndex(root, options.Queue, time, new IncomingNames(root, options.Queue, time));
    private readonly LeftAlone _leftAlone = new(root, options.Queue.SettleTime, time);
    private readonly List<RunningJob> _running = [];
    private readonly HeldJobs _held = new();
    private readonly DeviceSlots _slots = new(options.Workers);
    private readonly RoomWatch _room = new(root.Path, options.Queue.MinimumFreeBytes, time);
    private readonly HashSet<string> _endedInOrder = [];
    private readonly Dictionary<string, Backoff> _unclaimed = [];
    private readonly Dictionary<string, int> _fileFaults = [];
    private readonly HashSet<string> _toldUnreadable = [];
    private NextJobs? _next;
    private readonly List<ActiveJob> _lostWithLease = [];
    private JobQueue? _queue;
    private LeaseWatch? _watch;
    private FolderHints? _hints;
    private PulseFile? _pulseFile;
    private bool _isAway;
    private bool _isHinted;
    private long _lastScan;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _troubles.Say = LogTrouble;
        using var beating = new CancellationTokenSource();
        Task heartbeat = Task.Run(() => BeatAsync(beating.Token), CancellationToken.None);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await Guard(Cause.Turn, string.Empty, TurnAsync);
                pulse?.Beat(_running.Count, _index.Ready.Count);
                _pulseFile?.Turn();

                // A job or an event that waits for a turn which can't take it must not make the loop spin.
                IEnumerable<Task> news = _running.Select(r => (Task)r.Completion).Append(_hints?.Changed ?? Task.CompletedTask).Where(t => !t.IsCompleted);
                await Task.WhenAny([Task.Delay(Pause, time, stoppingToken), .. news]);
            }
        }
        finally
        {
            await StopJobsAsync();
            await beating.CancelAsync();
            await heartbeat;
            _keeper.Current?.Release();
            _hints?.Dispose();
            LogStopped(_keeper.Current?.Worker ?? "without a lease");
        }
    }

    private NextJobs Next => _next ??= new NextJobs(root, _index, _slots, options, runner, time);

    private TimeSpan Pause => _running.Count > 0 || _held.Ends.Count > 0 || _held.Waiting.Any() || Next.IsBusy || options.Queue.RescanInterval < IdleTick ? Tick : IdleTick;

    private async Task TurnAsync()
    {
        if (!Hold())
        {
            return;
        }

        await SettleAsync();
        CheckRunning();
        foreach (PendingEnd end in _held.Ends.Where(e => e.Retry.IsDue).ToList())
        {
            TryEnd(end);
        }

        _isHinted |= _hints!.Take();
        bool hasScanned = false;
        TimeSpan since = _lastScan == 0 ? TimeSpan.MaxValue : time.GetElapsedTime(_lastScan);
        if (since >= options.Queue.RescanInterval || (_isHinted && since >= Tick))
        {
            _lastScan = time.GetTimestamp();
            Rescan();
            _isHinted = false;
            hasScanned = true;
        }

        StartJobs();
        if (hasScanned && empty?.Look(IsIdle) == true)
        {
            LogEmpty(root.Path, _index.Ready.Count);
        }
    }

    private bool IsIdle => _running.Count == 0 && _held.Ends.Count == 0 && !_held.Waiting.Any() && _lostWithLease.Count == 0
        && _index.Unsettled == 0 && !Next.IsBusy && (_index.Ready.Count == 0 || (HasRoom() && !Next.HasOpen));

    /// <summary>Sees to it that the worker has its lease. False while it can't: nothing can be said about the jobs then.</summary>
    private bool Hold()
    {
        try
        {
            switch (_keeper.Look(out string reason))
            {
                case LeaseState.OutOfReach:
                    _troubles.Report(Cause.Root, string.Empty, reason);
                    _isAway = true;
                    Disturb();
                    return false;
                case LeaseState.Lost:
                    TakeLease();
                    break;
            }
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            _troubles.Report(Cause.Root, string.Empty, exception.Message);
            return false;
        }

        if (_isAway)
        {
            // While the root was away nobody's lease could be watched.
            _isAway = false;
            _watch = new LeaseWatch(root, options.Queue.LeaseTimeout, time);
            _lastScan = 0;
            _held.RetryNow();
        }

        _troubles.Settle(Cause.Root, string.Empty);
        return true;
    }

    private void TakeLease()
    {
        if (_keeper.Current is { } lost)
        {
            LogLeaseLost(lost.Worker);
            Disturb();
        }

        IReadOnlyCollection<ActiveJob> unregistered = _queue?.Unregistered ?? [];
        WorkerLease lease = _keeper.Take();
        _queue = new JobQueue(root, lease, options.Queue, time);
        _watch = new LeaseWatch(root, options.Queue.LeaseTimeout, time);
        _pulseFile = new PulseFile(root, lease.Worker, options.Queue.Heartbeat, time);
        _hints?.Dispose();
        _hints = new FolderHints(root.Incoming, logger);
        _lastScan = 0;
        LogStarted(root.Path, lease.Worker, _slots.Total);
        List<ActiveJob> adrift = [.. _held.Clear(), .. unregistered, .. _lostWithLease];
        _lostWithLease.Clear();
        foreach (ActiveJob job in adrift)
        {
            Lost(job);
        }
    }

    // What runs now may have written to another folder than the root's: it goes on from what the root holds.
    private void Disturb()
    {
        foreach (RunningJob running in _running.Where(r => !r.IsDisturbed))
        {
            running.IsDisturbed = true;
            running.Interrupt();
        }
    }

    private void Rescan()
    {
        Guard(Cause.Folders, string.Empty, () =>
        {
            _keeper.MakeFolders();
            if (root.Unwritable() is { } trouble)
            {
                throw new IOException(trouble);
            }
        });
        Guard(Cause.Workers, string.Empty, () =>
        {
            IReadOnlyList<string> expired = _watch!.Expired(_keeper.Current!.Worker, _keeper.Former);
            _troubles.Retain(Cause.TakeOver, worker => expired.Contains(root.WorkerFolder(worker)));
            foreach (string dead in expired)
            {
                string worker = Path.GetFileName(dead);
                Guard(Cause.TakeOver, worker, () =>
                {
                    foreach (ActiveJob job in _queue!.TakeOver(dead))
                    {
                        LogTakenOver(job.Id, worker);
                        Wait(job);
                    }
                });
            }
        });
        Guard(Cause.OwnFolder, string.Empty, FindOwn);
        Guard(Cause.Incoming, string.Empty, () =>
        {
            _index.ScanAtPace(_isHinted);
            TellUnreadable();
            _troubles.Retain(Cause.Claim, name => _index.Ready.Any(job => job.Name == name));
            foreach (string name in _leftAlone.News())
            {
                LogLeftAlone(name);
            }
        });
    }

    // One line a file, and no more than a few at once: somebody may have dropped thousands.
    private void TellUnreadable()
    {
        const int Most = 10;
        IReadOnlyList<KeyValuePair<string, string>> unreadable = _index.Unreadable;
        _toldUnreadable.IntersectWith(unreadable.Select(u => u.Key));
        List<KeyValuePair<string, string>> news = [.. unreadable.Where(u => _toldUnreadable.Add(u.Key))];
        foreach ((string name, string reason) in news.Take(Most))
        {
            LogUnreadable(name, reason);
        }

        if (news.Count > Most)
        {
            LogMoreUnreadable(news.Count - Most);
        }
    }

    // What lies in the worker's folder and is not known is started; what no longer does is nobody's trouble here.
    private void FindOwn()
    {
        HashSet<string> stuck = [];
        foreach (ActiveJob job in _queue!.Found(IsKnown, Stick))
        {
            _lostWithLease.RemoveAll(lost => lost.Id == job.Id);
            LogFound(job.Id);
            _troubles.Settle(Cause.Start, job.Id);
            Wait(job);
        }

        foreach (string cause in Cause.OfJobs)
        {
            _troubles.Retain(cause, id => IsKnown(id) || stuck.Contains(id));
        }

        void Stick(string id, Exception error)
        {
            stuck.Add(id);
            Note(Cause.Start, id, error);
        }
    }

    private bool IsKnown(string id) => IsRunning(id) || _held.Has(id);

    private bool Holds(ActiveJob job) => IsOfThisWorker(job) && job.IsHeld;

    private bool IsOfThisWorker(ActiveJob job) => Path.GetDirectoryName(job.File) == root.WorkerFolder(_keeper.Current!.Worker);

    private bool IsRunning(string id) => _running.Exists(r => r.Job.Id == id);

    private async Task BeatAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            // A lease that is gone is the loop's to see.
            Guard(Cause.Lease, string.Empty, () => _keeper.Current?.Beat());
            await Task.Delay(options.Queue.Heartbeat, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StopJobsAsync()
    {
        foreach (RunningJob running in _running)
        {
            running.Interrupt();
        }

        var all = Task.WhenAll(_running.Select(r => r.Completion.ContinueWith(_ => { }, TaskScheduler.Default)));
        await Task.WhenAny(all, Task.Delay(options.ShutdownTimeout, time));
        await Guard(Cause.Turn, string.Empty, async () =>
        {
            if (Hold())
            {
                await SettleAsync();
            }
        });
    }

    private void Guard(string cause, string subject, Action action)
    {
        try
        {
            action();
            _troubles.Settle(cause, subject);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            Note(cause, subject, exception);
        }
    }

    private async Task Guard(string cause, string subject, Func<Task> action)
    {
        try
        {
            await action();
            _troubles.Settle(cause, subject);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            Note(cause, subject, exception);
        }
    }

    private void Note(string cause, string subject, Exception exception)
    {
        _troubles.Report(cause, subject, exception.Message.TrimEnd('.'));
        if (exception is IOException full && DiskSpace.IsFull(full))
        {
            _room.Full();
        }
    }

    /// <summary>What can fail, as the log and readiness name it.</summary>
    private static class Cause
    {
        public const string Root = "the root";
        public const string Turn = "the queue's turn";
        public const string Lease = "renewing the lease";
        public const string Folders = "the root's folders";
        public const string Workers = "looking at the other workers";
        public const string TakeOver = "taking over the jobs";
        public const string OwnFolder = "looking at this worker's jobs";
        public const string Incoming = "reading incoming/";
        public const string Room = "room for jobs";
        public const string Claim = "the claim";
        public const string Start = "the start";
        public const string Run = "the run";
        public const string End = "moving the end";

        public static readonly string[] OfJobs = [Start, Run, End];
    }
}
