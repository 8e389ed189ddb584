using Differential.Core;
using Differential.Service.Cluster;

namespace Differential.Service.Commands;

/// <summary>The folder of a frozen sweep, where a command takes one in place of something else.</summary>
internal static class SweepFolder
{
    /// <summary>Whether an argument that may be a job's id names a folder: an id has no separator in it.</summary>
    public static bool IsMeant(string argument) =>
        argument is "." or ".." || argument.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) || (Directory.Exists(argument) && FrozenSweep.IsAt(argument));

    /// <summary>The number of one of a sweep's jobs, as an option gives it.</summary>
    /// <exception cref="InputException">There is no such job.</exception>
    public static int CheckTask(FrozenSweep sweep, int task) => task >= 1 && task <= sweep.Tasks.Count
        ? task
        : throw new InputException("arguments", "--task", $"the number {task}", $"allowed: 1 to {sweep.Tasks.Count}");
}
