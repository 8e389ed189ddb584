using Differential.Service.Queue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Hosting;

/// <summary>
/// Deletes the jobs that ended longer ago than <see cref="ServiceOptions.Retention"/>, files and run folders both. Off where
/// that is null. What waits or runs is never touched, nor what a waiting job waits for.
/// </summary>
internal sealed partial class RetentionService(ServiceRoot root, ServiceOptions options, TimeProvider time, ILogger<RetentionService> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>Deletes what is due.</summary>
    /// <returns>How many jobs were deleted.</returns>
    /// <exception cref="IOException">The root can't be read or written.</exception>
    public int Sweep()
    {
        if (options.Retention is not { } retention)
        {
            return 0;
        }

        HashSet<string> needed = Needed();
        DateTime oldest = time.GetUtcNow().UtcDateTime - retention;
        int deleted = 0;
        foreach (string folder in (string[])[root.Done, root.Failed, root.Cancelled])
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.json").ToList())
            {
                string id = Path.GetFileNameWithoutExtension(file);
                if (JobId.IsValid(id) && !needed.Contains(id) && End(id, file) < oldest && root.FindActive(id) is null)
                {
                    Delete(id, file);
                    deleted++;
                }
            }
        }

        return deleted;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (options.Retention is not null && !stoppingToken.IsCancellationRequested)
        {
            await Task.Yield();
            try
            {
                Sweep();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogTrouble(exception.Message);
            }

            TimeSpan pause = options.Retention < Period ? options.Retention.Value : Period;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A job that is done lets those start that wait for it: gone, they would wait for ever.
    private HashSet<string> Needed()
    {
        var index = new IncomingIndex(root, options.Queue, time);
        index.Scan();
        return [.. index.Ready.SelectMany(job => job.After)];
    }

    // The job's own file keeps the time at which it was handed in, which may be long before its end.
    private DateTime End(string id, string file)
    {
        string[] witnesses =
        [
            file, root.ErrorFile(id), root.TicketFile(id), Path.Combine(root.RunFolder(id), "result.json"), Path.Combine(root.RunFolder(id), "metrics.jsonl"),
        ];
        return witnesses.Max(File.GetLastWriteTimeUtc);
    }

    // The run's folder first and the job's file last: a crash between leaves the job to the next pass.
    private void Delete(string id, string file)
    {
        try
        {
            Directory.Delete(root.RunFolder(id), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Cancelled before it was taken, or another service is at it.
        }

        File.Delete(root.ErrorFile(id));
        File.Delete(file);
        LogDeleted(id);
    }

    [LoggerMessage(LogLevel.Information, "Job {JobId} deleted: it ended longer ago than the retention")]
    private partial void LogDeleted(string jobId);

    [LoggerMessage(LogLevel.Warning, "What is past its retention could not all be deleted: {Reason}")]
    private partial void LogTrouble(string reason);
}
