namespace Differential.Service.Queue;

/// <summary>A job's own process ended without saying how the job ended.</summary>
/// <param name="end">How it ended, as the system tells.</param>
public sealed class JobProcessException(string end) : Exception($"the job's process ended: {end}");
