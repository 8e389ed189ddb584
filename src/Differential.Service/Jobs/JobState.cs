using System.Text.Json;

namespace Differential.Service.Jobs;

/// <summary>Where a job stands: in the queue, in results, on the page, in logs and metrics.</summary>
public enum JobState
{
    /// <summary>Handed in, not started.</summary>
    Queued,

    /// <summary>A worker holds it.</summary>
    Running,

    /// <summary>Stopped with a checkpoint; it goes on at the next start.</summary>
    Interrupted,

    /// <summary>Its result is on disk.</summary>
    Done,

    /// <summary>Ended by a mistake or an error.</summary>
    Failed,

    /// <summary>Ended because somebody asked for it.</summary>
    Cancelled,
}

/// <summary>States as texts.</summary>
public static class JobStates
{
    /// <summary>The state as results, metrics and messages write it: <c>queued</c>, <c>running</c>, …</summary>
    public static string ToText(this JobState state) => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());
}
