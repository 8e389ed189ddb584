using System.Text.Json;

namespace Differential.Service.Jobs;

/// <summary>Where a job of a sweep stands, by its files alone.</summary>
public enum TaskState
{
    /// <summary>Not started.</summary>
    Waiting,

    /// <summary>A process holds its folder.</summary>
    Running,

    /// <summary>It was started, has no result, and nobody holds its folder: it goes on from its checkpoint.</summary>
    Interrupted,

    /// <summary>Its result is on disk.</summary>
    Done,

    /// <summary>Ended by a mistake or an error, which its result names.</summary>
    Failed,

    /// <summary>Ended because somebody asked for it.</summary>
    Cancelled,
}

/// <summary>States of a sweep's jobs as texts.</summary>
public static class TaskStates
{
    /// <summary>The state as results and tables write it.</summary>
    public static string ToText(this TaskState state) => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());

    /// <summary>How a job ended.</summary>
    public static TaskState OfEnd(JobState state) => state switch
    {
        JobState.Done => TaskState.Done,
        JobState.Cancelled => TaskState.Cancelled,
        _ => TaskState.Failed,
    };
}
