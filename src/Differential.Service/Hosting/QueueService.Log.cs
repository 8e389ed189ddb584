using Differential.Service.Jobs;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Hosting;

/// <summary>The events of the queue: one per change of a job's state.</summary>
internal sealed partial class QueueService
{
    [LoggerMessage(LogLevel.Information, "Serving {Root} as {Worker} with {Slots} slots")]
    private partial void LogStarted(string root, string worker, int slots);

    [LoggerMessage(LogLevel.Information, "Nothing is left in {Root} that could run: the worker ends ({Waiting} jobs wait for jobs that are not there)")]
    private partial void LogEmpty(string root, int waiting);

    [LoggerMessage(LogLevel.Information, "Worker {Worker} stopped")]
    private partial void LogStopped(string worker);

    [LoggerMessage(LogLevel.Information, "Job {JobId} taken from {File}")]
    private partial void LogClaimed(string jobId, string file);

    [LoggerMessage(LogLevel.Warning, "Job {JobId} taken over from worker {Worker}, which is gone")]
    private partial void LogTakenOver(string jobId, string worker);

    [LoggerMessage(LogLevel.Information, "Job {JobId} {State} (start {Start})")]
    private partial void LogState(string jobId, string state, int start);

    [LoggerMessage(LogLevel.Information, "Job {JobId} {State}")]
    private partial void LogEnded(string jobId, JobState state);

    [LoggerMessage(LogLevel.Error, "Job {JobId} failed: {Reason}")]
    private partial void LogFailed(string jobId, Exception? exception, string reason);

    [LoggerMessage(LogLevel.Warning, "Job {JobId} is another worker's now: this one stood still for longer than the lease")]
    private partial void LogLost(string jobId);

    [LoggerMessage(LogLevel.Information, "Job {JobId} was found in this worker's folder")]
    private partial void LogFound(string jobId);

    [LoggerMessage(LogLevel.Warning, "Job {JobId} was removed with this worker's folder and is put back")]
    private partial void LogPutBack(string jobId);

    [LoggerMessage(LogLevel.Warning, "Job {JobId}: {Reason}")]
    private partial void LogCrashed(string jobId, string reason);

    [LoggerMessage(LogLevel.Warning, "The lease of {Worker} is gone: a new one is taken")]
    private partial void LogLeaseLost(string worker);

    [LoggerMessage(LogLevel.Warning, "Not taken from incoming: {Name}: {Reason}")]
    private partial void LogUnreadable(string name, string reason);

    [LoggerMessage(LogLevel.Warning, "{Count} more files of incoming can't be read")]
    private partial void LogMoreUnreadable(int count);

    [LoggerMessage(LogLevel.Warning, "Left alone in incoming: {Name}; a job is a regular file whose name ends in .json")]
    private partial void LogLeftAlone(string name);

    [LoggerMessage(LogLevel.Error, "Trouble with {What}: {Reason} (met {Times} times; it is tried again)")]
    private partial void LogTrouble(string what, string reason, int times);
}
