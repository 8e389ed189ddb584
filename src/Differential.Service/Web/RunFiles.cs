using Differential.Core.Files;
using Differential.Service.Queue;

namespace Differential.Service.Web;

/// <summary>
/// The files of runs that are given out: whatever a run has but its checkpoint and the queue's ticket, by its path in the run's folder; never
/// a link, and nothing behind one.
/// </summary>
internal sealed class RunFiles(ServiceRoot root)
{
    /// <summary>The type of what is no text.</summary>
    public const string Binary = "application/octet-stream";

    private const int Deepest = 6;
    private const int MostListed = 10_000;

    /// <summary>What resuming needs, and what the queue keeps for itself.</summary>
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase) { "checkpoint", "ticket.json" };

    /// <summary>Opens a file of a run for reading.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="path">The file's path within the run's folder, with slashes.</param>
    /// <returns>The file and its content type; null where there is no such file or it is not to be given out.</returns>
    public (FileStream Content, string Type)? Open(string id, string path)
    {
        string[] parts = path.Split('/');
        if (!JobId.IsValid(id) || parts.Length > Deepest || !Array.TrueForAll(parts, IsGiven))
        {
            return null;
        }

        string place = root.RunFolder(id);
        try
        {
            // A link within the run's folder may lead anywhere: none is followed.
            if (new DirectoryInfo(place).LinkTarget is not null)
            {
                return null;
            }

            foreach (string part in parts[..^1])
            {
                place = Path.Combine(place, part);
                if (new DirectoryInfo(place).LinkTarget is not null)
                {
                    return null;
                }
            }

            string file = Path.Combine(place, parts[^1]);
            return new FileInfo(file).LinkTarget is not null ? null : (RegularFile.OpenRead(file, 1 << 16), TypeOf(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The files of a run, by their paths.</summary>
    public IReadOnlyList<RunFileEntry> List(string id)
    {
        string run = root.RunFolder(id);
        var found = new List<RunFileEntry>();
        try
        {
            Add(new DirectoryInfo(run), string.Empty, 1);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Deleted meanwhile, or closed: what was seen is told.
        }

        return [.. found.OrderBy(static f => f.Path, StringComparer.Ordinal)];

        void Add(DirectoryInfo folder, string before, int depth)
        {
            foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos().Where(static e => IsGiven(e.Name) && e.LinkTarget is null))
            {
                if (found.Count >= MostListed)
                {
                    return;
                }

                if (entry is FileInfo file)
                {
                    found.Add(new RunFileEntry(before + file.Name, file.Length));
                }
                else if (depth < Deepest)
                {
                    Add((DirectoryInfo)entry, $"{before}{entry.Name}/", depth + 1);
                }
            }
        }
    }

    private static bool IsGiven(string name) => name.Length > 0 && name[0] != '.' && !Kept.Contains(name) && name.All(static c => !char.IsControl(c) && c is not ('\\' or ':'));

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".json" => "application/json; charset=utf-8",
        ".jsonl" or ".csv" or ".txt" => "text/plain; charset=utf-8",
        _ => Binary,
    };
}
