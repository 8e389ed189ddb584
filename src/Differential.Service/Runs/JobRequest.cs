using Differential.Service.Jobs.Reading;

namespace Differential.Service.Runs;

/// <summary>A job that is to run, and where.</summary>
internal sealed record JobRequest
{
    public required JobFile Job { get; init; }

    /// <summary>The job's id; the hash of its content by default.</summary>
    public string? Id { get; init; }

    /// <summary>The run's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>What named the device, for messages, where the job file did not: the option, say.</summary>
    public (string File, string Place)? DeviceSource { get; init; }

    /// <summary>Whether what the folder holds of an earlier run is removed first.</summary>
    public bool Fresh { get; init; }

    /// <summary>Whether going on from a checkpoint of another program, device or vector width is refused.</summary>
    public bool Exact { get; init; }

    /// <summary>The folder where the caller holds it already, and goes on holding it; null opens it.</summary>
    public RunFolder? Held { get; init; }

    /// <summary>The claim of one of several machines that may run the job; null where the folder's lock is enough.</summary>
    public RunAttempt? Attempt { get; init; }

    /// <summary>Whether what collecting a comparison's networks needs is left in the folder.</summary>
    public bool KeepsPart { get; init; }

    /// <summary>The worker whose lease guards the folder; null where the folder's own lock does.</summary>
    public string? Owner { get; init; }

    /// <summary>The sweep that this job is part of: it runs on the sweep's device, and the sweep logs what is to be logged.</summary>
    public JobContext? Parent { get; init; }

    /// <summary>Tells, once the run is interrupted, whether it is so for good; then the result says cancelled.</summary>
    public Func<bool>? IsCancelled { get; init; }
}
