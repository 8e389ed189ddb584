using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Hosting;

/// <summary>A job that a slot runs, and what is asked of it.</summary>
internal sealed class RunningJob(ActiveJob job, string slot, bool isAlone, long started) : IJobSignals, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _cancelled;

    public ActiveJob Job { get; } = job;

    public string Slot { get; } = slot;

    /// <summary>Whether it runs in a process of its own.</summary>
    public bool IsAlone { get; } = isAlone;

    /// <summary>The clock's timestamp at its start.</summary>
    public long Started { get; } = started;

    /// <summary>Whether the root was away, or the lease lost, while it ran: what it says of its end must be seen on disk.</summary>
    public bool IsDisturbed { get; set; }

    public Task<JobState> Completion { get; private set; } = Task.FromResult(JobState.Interrupted);

    public CancellationToken StopToken => _stop.Token;

    public bool IsCancelled => _cancelled;

    /// <summary>Starts the job on a thread of its own: it computes all the time.</summary>
    public void Start(IJobRunner runner)
    {
        string? device = Slot == DeviceSlots.Any ? null : Slot;
        Completion = Task.Factory.StartNew(
            () => runner.RunAsync(Job, device, IsAlone, this),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap();
    }

    public void Cancel()
    {
        _cancelled = true;
        _stop.Cancel();
    }

    public void Interrupt() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();
}
