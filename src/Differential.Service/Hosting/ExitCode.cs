namespace Differential.Service.Hosting;

/// <summary>The process's exit status.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A job failed.</summary>
    public const int Failed = 1;

    /// <summary>Arguments, configuration, a job file, data or a model are wrong.</summary>
    public const int BadInput = 2;

    /// <summary>The run's folder is held by another process, or was taken over by a newer one.</summary>
    public const int Held = 75;

    /// <summary>Ctrl-C or SIGTERM; a checkpoint is on disk.</summary>
    public const int Interrupted = 130;
}
