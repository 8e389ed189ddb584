namespace Differential.Service.Queue;

/// <summary>A job that took the process down too often.</summary>
public sealed class JobAbandonedException(int attempts)
    : Exception($"the process ended {attempts} time{(attempts == 1 ? string.Empty : "s")} while this job ran, and the job came no further; "
        + "its run folder's log tells what it did last (out of memory, a driver fault and a kill from outside leave no other trace)");
