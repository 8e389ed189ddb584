using Microsoft.Extensions.Logging;

namespace Differential.Service.Hosting;

/// <summary>File events as a hint that a folder has changed. Where the system gives none, the rescan alone tells, and a line says so.</summary>
internal sealed partial class FolderHints : IDisposable
{
    private readonly FileSystemWatcher? _watcher;
    private TaskCompletionSource _changed = New();

    public FolderHints(string folder, ILogger logger)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(folder, "*.json") { NotifyFilter = NotifyFilters.FileName | NotifyFilters.Size | NotifyFilters.LastWrite };
            watcher.Created += (_, _) => Signal();
            watcher.Changed += (_, _) => Signal();
            watcher.Renamed += (_, _) => Signal();

            // An overflow loses events, never files: look at once.
            watcher.Error += (_, _) => Signal();
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            watcher?.Dispose();
            LogPolling(logger, folder, exception.Message);
        }
    }

    /// <summary>Completes at the next event.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Whether something happened since the last call.</summary>
    public bool Take()
    {
        if (!Changed.IsCompleted)
        {
            return false;
        }

        Volatile.Write(ref _changed, New());
        return true;
    }

    public void Dispose() => _watcher?.Dispose();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Warning, "No file events for {Folder} ({Reason}): it is read at intervals only")]
    private static partial void LogPolling(ILogger logger, string folder, string reason);

    private void Signal() => Volatile.Read(ref _changed).TrySetResult();
}
