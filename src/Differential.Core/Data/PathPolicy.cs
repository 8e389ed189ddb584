namespace Differential.Core.Data;

/// <summary>
/// Where the paths of a job may lead. A path is taken relative to the job's folder, every link in it is followed, and what
/// comes out must lie in one of the allowed roots, where there are any.
/// </summary>
public sealed class PathPolicy
{
    private const int MaxLength = 4_096;
    private const int MaxLinks = 40;

    private static readonly StringComparison Comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private readonly string _baseFolder;
    private readonly string[] _roots;

    /// <param name="baseFolder">What relative paths are relative to: the folder of the job file.</param>
    /// <param name="allowedRoots">Folders in which the job's files must lie; none: anywhere.</param>
    public PathPolicy(string baseFolder, IReadOnlyList<string>? allowedRoots = null)
    {
        _baseFolder = Path.GetFullPath(baseFolder);
        _roots = [.. (allowedRoots ?? []).Select(root => Follow(Path.GetFullPath(root)) ?? throw new InputException(root, string.Empty, "links that lead in a circle", "a folder"))];
    }

    /// <summary>The absolute path without any link in it; nothing needs to be there.</summary>
    /// <param name="path">As the job gives it.</param>
    /// <param name="file">The job file, for messages.</param>
    /// <param name="place">The field of the job, for messages: <c>$.data.path</c>.</param>
    /// <exception cref="InputException">The path is no path, or leads out of the allowed roots.</exception>
    public string Resolve(string path, string file, string place)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Length > MaxLength || path.Any(char.IsControl))
        {
            throw new InputException(file, place, "an empty path, or one that is too long or has control characters", $"a path of 1 to {MaxLength} characters");
        }

        // Component by component, as the system itself does it: "link/.." is the parent of what the link names.
        string? resolved = Follow(Path.Combine(_baseFolder, path));
        if (resolved is null)
        {
            throw new InputException(file, place, $"\"{path}\", whose links lead in a circle", "a path that leads somewhere");
        }

        return _roots.Length == 0 || _roots.Any(root => IsWithin(resolved, root))
            ? resolved
            : throw new InputException(file, place, $"\"{path}\", which leads out of the allowed folders", $"a path within {string.Join(", ", _roots)}");
    }

    private static bool IsWithin(string path, string root) =>
        path.Equals(root, Comparison) || path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, Comparison);

    /// <summary>Resolves ".", ".." and links from the root on; null where links lead in a circle.</summary>
    private static string? Follow(string absolute)
    {
        string root = Path.GetPathRoot(absolute)!;
        Stack<string> pending = new();
        Push(absolute[root.Length..]);
        string current = root;
        int links = 0;
        while (pending.TryPop(out string? component))
        {
            if (component == "..")
            {
                current = Path.GetDirectoryName(current) ?? current;
                continue;
            }

            string next = Path.Combine(current, component);
            string? target = LinkTarget(next);
            if (target is null)
            {
                current = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                return null;
            }

            string targetRoot = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : string.Empty;
            current = targetRoot.Length > 0 ? targetRoot : current;
            Push(target[targetRoot.Length..]);
        }

        return current;

        void Push(string relative)
        {
            string[] components = relative.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
            foreach (string component in components.Reverse().Where(component => component != "."))
            {
                pending.Push(component);
            }
        }
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What can't be looked at can't be opened either: the error comes, with its name, when the file is read.
            return null;
        }
    }
}
