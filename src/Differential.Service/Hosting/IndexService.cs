using Differential.Service.Queue;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Hosting;

/// <summary>Keeps the index of ended jobs up to date, and writes both indexes down so that neither the next start nor <c>status</c> reads every job.</summary>
internal sealed class IndexService(ServiceRoot root, IncomingIndex incoming, EndedIndex ended, ServiceOptions options, TimeProvider time) : BackgroundService
{
    private readonly IndexFile _file = new(root);
    private readonly Pace _endedPace = new(time);
    private readonly Pace _queuedPace = new(time);
    private QueueSummary? _summary;
    private IReadOnlyList<EndedJob> _writtenEnded = [];
    private IReadOnlyList<IncomingJob> _writtenQueued = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        _file.ReadEnded(ended);
        _writtenEnded = ended.All;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                ended.Refresh();
                Write(atOnce: false);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The root is gone or closed for the moment: the queue's loop says so.
            }

            await Task.Delay(options.Queue.RescanInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Write(atOnce: true);
    }

    private void Write(bool atOnce)
    {
        IReadOnlyList<EndedJob> jobs = ended.All;
        if (!ReferenceEquals(jobs, _writtenEnded) && (atOnce || _endedPace.IsRested))
        {
            _endedPace.Do(() => _writtenEnded = _file.WriteEnded(ended) ? jobs : _writtenEnded);
        }

        IReadOnlyList<IncomingJob> waiting = incoming.Ready;
        if (!ReferenceEquals(waiting, _writtenQueued) && (atOnce || _queuedPace.IsRested))
        {
            _queuedPace.Do(() => _writtenQueued = _file.WriteQueued(waiting) ? waiting : _writtenQueued);
        }

        var summary = QueueSummary.Of(incoming, ended);
        if (summary.Folders.Count > 0 && !summary.IsSame(_summary) && _file.WriteSummary(summary))
        {
            _summary = summary;
        }
    }
}
