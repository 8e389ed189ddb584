using System.IO.Enumeration;

namespace Differential.Service.Queue;

/// <summary>What lies in <c>incoming/</c> and will never be taken as a job: files with other names, folders named as jobs are.</summary>
/// <param name="root">The root.</param>
/// <param name="patience">How long a name must stand there: many programs write beside a file and rename.</param>
/// <param name="time">The clock.</param>
public sealed class LeftAlone(ServiceRoot root, TimeSpan patience, TimeProvider time)
{
    private const string Pattern = "*.json";

    private readonly FolderStamp _stamp = new(root.Incoming, time);
    private readonly Dictionary<string, long> _seen = [];
    private readonly HashSet<string> _told = [];

    /// <summary>The names that have stood there for long enough and were not returned before; hidden ones are nobody's business.</summary>
    public IReadOnlyList<string> News()
    {
        if (!_stamp.IsStale && _seen.Count == 0)
        {
            return [];
        }

        _stamp.Listing();
        var folder = new DirectoryInfo(root.Incoming);
        bool ignoreCase = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS();
        HashSet<string> present =
        [
            .. folder.EnumerateFiles().Select(f => f.Name).Where(n => !FileSystemName.MatchesSimpleExpression(Pattern, n, ignoreCase)),
            .. folder.EnumerateDirectories(Pattern).Select(d => d.Name),
        ];
        long now = time.GetTimestamp();
        List<string> news = [];
        foreach (string name in present.Where(n => !n.StartsWith('.') && !_told.Contains(n)).Order(StringComparer.Ordinal))
        {
            if (_seen.TryAdd(name, now) || time.GetElapsedTime(_seen[name], now) < patience)
            {
                continue;
            }

            _told.Add(name);
            news.Add(name);
        }

        foreach (string name in _seen.Keys.Where(n => !present.Contains(n) || _told.Contains(n)).ToList())
        {
            _seen.Remove(name);
        }

        return news;
    }
}
