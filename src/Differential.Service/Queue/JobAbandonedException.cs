namespace Differential.Service.Queue;

/// <summary>A job that took the process down too often.</summary>
/// <param name="attempts">How often.</param>
/// <param name="end">How its own process ended last; null where that is not known.</param>
public sealed class JobAbandonedException(int attempts, string? end)
    : Exception($"the process ended {attempts} time{(attempts == 1 ? string.Empty : "s")} while this job ran{(end is null ? string.Empty : $", the last time with {end}")}; "
        + "its run folder's log tells what it did last (out of memory, a driver fault and a kill from outside leave no other trace)");
