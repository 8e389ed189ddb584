using Differential.Service.Queue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Hosting;

/// <summary>
/// Deletes the jobs that ended longer ago than <see cref="ServiceOptions.Retention"/>, files and run folders both. Off where
/// that is null. What waits or runs is never touched, nor what a waiting job waits for.
/// </summary>
internal sealed partial class RetentionService(
    ServiceRoot root, ServiceOptions options, TimeProvider time, ILogger<RetentionService> logger, IncomingIndex? incoming = null) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>What a run's folder is called from the moment it is given up; hidden, so that nobody takes it for a run.</summary>
    private const string GivenUp = ".deleted-";

    private readonly HashSet<string> _told = [];

    /// <summary>Deletes what is due; what can't be deleted stops nothing else and is tried again at the next pass.</summary>
    /// <returns>How many jobs were deleted.</returns>
    /// <exception cref="IOException">The root can't be read.</exception>
    public int Sweep()
    {
        if (options.Retention is not { } retention)
        {
            return 0;
        }

        HashSet<string> needed = Needed();
        DateTime oldest = time.GetUtcNow().UtcDateTime - retention;
        List<(string Name, string Reason)> left = [];
        int deleted = 0;
        foreach (string folder in (string[])[root.Done, root.Failed, root.Cancelled])
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.json").ToList())
            {
                string id = Path.GetFileNameWithoutExtension(file);
                if (!JobId.IsValid(id) || needed.Contains(id) || JobEnd.TimeOf(root, id, file) >= oldest || root.FindActive(id) is not null)
                {
                    continue;
                }

                if (Try(id, () => GiveUp(id, file), left))
                {
                    LogDeleted(id);
                    deleted++;
                }
            }
        }

        // Those of this pass, and what an earlier one could not delete or a crash has left.
        foreach (string folder in Directory.EnumerateDirectories(root.Runs, GivenUp + "*").ToList())
        {
            Try(Path.GetFileName(folder), () => Directory.Delete(folder, recursive: true), left);
        }

        Tell(left);
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
        IncomingIndex index = incoming ?? new IncomingIndex(root, options.Queue, time);
        index.ScanAtPace(hinted: false);
        return [.. index.Ready.SelectMany(job => job.After.Concat(IncomingNames.Before(job)))];
    }

    private static bool Try(string name, Action delete, List<(string Name, string Reason)> left)
    {
        try
        {
            delete();
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            // Another service is at it.
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            left.Add((name, exception.Message));
            return false;
        }
    }

    // The run is renamed away before anything of it is deleted: it is there as a whole, or not at all. The job's file goes last,
    // so that a crash between leaves the job to the next pass.
    private void GiveUp(string id, string file)
    {
        string run = root.RunFolder(id);
        string away = Path.Combine(root.Runs, $"{GivenUp}{id}-{Guid.NewGuid().ToString("N")[..8]}");
        bool hasRun = Directory.Exists(run);
        if (hasRun)
        {
            Directory.Move(run, away);
        }

        try
        {
            File.Delete(root.ErrorFile(id));
            File.Delete(file);
        }
        catch (Exception exception) when (hasRun && exception is (IOException or UnauthorizedAccessException))
        {
            Directory.Move(away, run);
            throw;
        }
    }

    // One line a pass, and none for what was told before.
    private void Tell(List<(string Name, string Reason)> left)
    {
        _told.IntersectWith(left.Select(l => l.Name));
        List<(string Name, string Reason)> news = [.. left.Where(l => _told.Add(l.Name))];
        if (news.Count > 0)
        {
            LogLeft(news.Count, news[0].Name, news[0].Reason);
        }
    }

    [LoggerMessage(LogLevel.Information, "Job {JobId} deleted: it ended longer ago than the retention")]
    private partial void LogDeleted(string jobId);

    [LoggerMessage(LogLevel.Warning, "{Count} of what is past its retention could not be deleted and is tried again; the first, {Name}: {Reason}")]
    private partial void LogLeft(int count, string name, string reason);

    [LoggerMessage(LogLevel.Warning, "What is past its retention could not be looked at: {Reason}")]
    private partial void LogTrouble(string reason);
}
