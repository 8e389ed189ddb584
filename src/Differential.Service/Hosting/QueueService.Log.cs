using Differential.Service.Queue;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Hosting;

/// <summary>The events of the queue: one per change of a job's state.</summary>
internal sealed partial class QueueService
{
    [LoggerMessage(LogLevel.Information, "Serving {Root} as {Worker} with {Slots} slots")]
    private partial void LogStarted(string root, string worker, int slots);

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

    [LoggerMessage(LogLevel.Warning, "The lease of {Worker} is gone: its jobs are another worker's")]
    private partial void LogLeaseLost(string worker);

    [LoggerMessage(LogLevel.Warning, "No job is taken: less than {Bytes} bytes are free under {Root}")]
    private partial void LogNoRoom(string root, long bytes);

    [LoggerMessage(LogLevel.Warning, "Job {JobId} waits: the disk is full")]
    private partial void LogNoRoomForJob(string jobId);

    [LoggerMessage(LogLevel.Information, "There is room under {Root} again: jobs are taken")]
    private partial void LogRoom(string root);

    [LoggerMessage(LogLevel.Warning, "Left alone in incoming: {Name}; a job is a regular file whose name ends in .json")]
    private partial void LogLeftAlone(string name);

    [LoggerMessage(LogLevel.Error, "The queue waits: {Reason}")]
    private partial void LogTrouble(string reason);
}
