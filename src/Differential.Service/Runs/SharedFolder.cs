using Differential.Core;
using Differential.Core.Files;

namespace Differential.Service.Runs;

/// <summary>What a folder must be that several processes work in, on one machine or on several.</summary>
internal static class SharedFolder
{
    /// <summary>Makes sure that a lock here is seen on other machines, as far as the volume's options tell.</summary>
    /// <exception cref="InputException">It is not.</exception>
    public static void Check(string path)
    {
        if (MountedVolume.Of(path)?.OnlyLocalLocks is { } option)
        {
            throw new InputException(path, string.Empty, $"a folder on a volume whose locks no other machine sees (it is mounted with {option})", "allowed: a volume mounted with locks between machines");
        }
    }

    /// <summary>That a folder's file system has no locks, as a mistake in the choice of the folder.</summary>
    public static InputException Mistake(string path, NoFileLocksException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new InputException(
            path, string.Empty, $"a folder on a file system without locks ({exception.Reason})", "allowed: a folder where flock keeps processes apart; Lustre has it when mounted with -o flock, NFS from version 4 on");
    }
}
