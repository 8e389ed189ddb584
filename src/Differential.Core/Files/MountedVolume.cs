namespace Differential.Core.Files;

/// <summary>The volume that a folder lies on, as Linux lists it in <c>/proc/self/mountinfo</c> (proc(5)).</summary>
/// <param name="Point">Where it is mounted.</param>
/// <param name="Kind">The file system's name: <c>ext4</c>, <c>nfs4</c>, <c>lustre</c>.</param>
/// <param name="Options">Its options, as it was mounted.</param>
internal sealed record MountedVolume(string Point, string Kind, IReadOnlyList<string> Options)
{
    private const string List = "/proc/self/mountinfo";

    /// <summary>
    /// Why a lock on this volume is seen on one machine alone: network file systems can be mounted so that flock succeeds and tells no other
    /// machine. Null where nothing speaks for it.
    /// </summary>
    public string? OnlyLocalLocks => Kind switch
    {
        "nfs" or "nfs4" => Options.FirstOrDefault(o => o is "nolock" or "local_lock=flock" or "local_lock=all"),
        "lustre" => Options.FirstOrDefault(o => o is "localflock"),
        _ => null,
    };

    /// <summary>The volume of a path; null where the system does not tell.</summary>
    public static MountedVolume? Of(string path)
    {
        try
        {
            return File.Exists(List) ? Of(Path.GetFullPath(path), File.ReadLines(List)) : null;
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            return null;
        }
    }

    /// <summary>The volume of a full path among the lines of <c>mountinfo</c>: the longest mount point above it, the last of equal ones.</summary>
    internal static MountedVolume? Of(string path, IEnumerable<string> lines)
    {
        MountedVolume? found = null;
        foreach (string line in lines)
        {
            if (Parse(line) is { } volume && IsAbove(volume.Point, path) && volume.Point.Length >= (found?.Point.Length ?? 0))
            {
                found = volume;
            }
        }

        return found;
    }

    // 36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda rw,errors=continue
    private static MountedVolume? Parse(string line)
    {
        string[] fields = line.Split(' ');
        int dash = Array.IndexOf(fields, "-");
        return dash < 6 || fields.Length < dash + 4
            ? null
            : new MountedVolume(Unescape(fields[4]), fields[dash + 1], [.. fields[5].Split(','), .. fields[dash + 3].Split(',')]);
    }

    private static string Unescape(string point) => point
        .Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal)
        .Replace("\\134", "\\", StringComparison.Ordinal);

    private static bool IsAbove(string point, string path) =>
        path == point || path.StartsWith(point.EndsWith('/') ? point : point + '/', StringComparison.Ordinal);
}
