using Differential.Core.Files;
using Differential.Service.Queue;

namespace Differential.Service.Web;

/// <summary>The files of runs that are given out: a list of names in folders of valid ids, never a link.</summary>
internal sealed class RunFiles(ServiceRoot root)
{
    private static readonly Dictionary<string, string> Types = EndedIndex.Files.ToDictionary(name => name, TypeOf, StringComparer.Ordinal);

    /// <summary>Opens a file of a run for reading.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="part">The number of a sweep's job; null for the run itself.</param>
    /// <param name="name">One of <see cref="EndedIndex.Files"/>.</param>
    /// <returns>The file and its content type; null where there is no such file or it is not to be given out.</returns>
    public (FileStream Content, string Type)? Open(string id, string? part, string name)
    {
        if (!JobId.IsValid(id) || !Types.TryGetValue(name, out string? type) || (part is not null && !IsNumber(part)))
        {
            return null;
        }

        string run = root.RunFolder(id);
        string[] folders = part is null ? [run] : [run, Path.Combine(run, "jobs"), Path.Combine(run, "jobs", part)];
        string file = Path.Combine(folders[^1], name);
        try
        {
            // A link within the run's folder may lead anywhere: none is followed.
            if (folders.Any(f => new DirectoryInfo(f).LinkTarget is not null) || new FileInfo(file).LinkTarget is not null)
            {
                return null;
            }

            return (RegularFile.OpenRead(file, 1 << 16), type);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".json" => "application/json; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };

    private static bool IsNumber(string text) => text.Length is > 0 and <= 6 && text.All(char.IsAsciiDigit);
}
