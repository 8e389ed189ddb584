using Microsoft.Extensions.Hosting;

namespace Differential.Service.Observability;

/// <summary>
/// Tells systemd that the service is up once the queue's loop turns, that it is alive for as long as the loop turns, and
/// that it stops. Does nothing where systemd did not ask for it.
/// </summary>
internal sealed class SystemdNotifier(SystemdSocket? socket, LoopPulse pulse, TimeProvider time) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private long _seen;
    private string _status = string.Empty;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        socket?.Send("STOPPING=1", "STATUS=Stopping: running jobs write their checkpoints");
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (socket is null)
        {
            return;
        }

        TimeSpan period = socket.Watchdog is { } watchdog && watchdog / 2 < Look ? watchdog / 2 : Look;
        long lastPing = time.GetTimestamp();
        bool ready = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            if (!ready && pulse.Count > 0)
            {
                ready = true;
                Say("READY=1");
            }
            else if (ready)
            {
                Say();
            }

            if (ready && socket.Watchdog is { } interval && time.GetElapsedTime(lastPing) >= (interval / 2) - period && pulse.Count != _seen)
            {
                // Only a loop that has turned since the last ping is alive.
                _seen = pulse.Count;
                lastPing = time.GetTimestamp();
                socket.Send("WATCHDOG=1");
            }

            await Task.Delay(period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The status is sent where it changed.
    private void Say(params IEnumerable<string> lines)
    {
        string status = $"STATUS={pulse.Running} running, {pulse.Waiting} waiting";
        List<string> all = [.. lines];
        if (status != _status)
        {
            _status = status;
            all.Add(status);
        }

        if (all.Count > 0)
        {
            socket!.Send(all);
        }
    }
}
