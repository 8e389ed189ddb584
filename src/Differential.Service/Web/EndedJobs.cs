using Differential.Service.Jobs;
using Differential.Service.Queue;
using Differential.Service.Runs;

namespace Differential.Service.Web;

/// <summary>A job that has ended, as the page lists it.</summary>
internal sealed record EndedJob
{
    public required string Id { get; init; }

    public required JobState State { get; init; }

    public required DateTimeOffset Ended { get; init; }

    public string? Kind { get; init; }

    public string? Name { get; init; }

    public double? Seconds { get; init; }

    /// <summary>Why it failed, one sentence.</summary>
    public string? Error { get; init; }

    /// <summary>Which of the files that are served are there.</summary>
    public required IReadOnlyList<string> Files { get; init; }
}

/// <summary>
/// The jobs in one of the folders done, failed and cancelled. A look costs a listing of the folder; each job is looked at
/// closer once, and only where it is among the latest.
/// </summary>
internal sealed class EndedJobs(ServiceRoot root, string folder, JobState state)
{
    private readonly Dictionary<string, DateTime> _ended = [];
    private readonly Dictionary<string, EndedJob> _shown = [];

    public int Count => _ended.Count;

    /// <summary>Reads the folder.</summary>
    public void Refresh()
    {
        HashSet<string> present = [];
        foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*.json"))
        {
            if (file.Name.StartsWith('.'))
            {
                continue;
            }

            string id = Path.GetFileNameWithoutExtension(file.Name);
            present.Add(id);
            if (!_ended.ContainsKey(id))
            {
                _ended[id] = JobEnd.TimeOf(root, id, file.FullName);
            }
        }

        foreach (string gone in _ended.Keys.Where(id => !present.Contains(id)).ToList())
        {
            _ended.Remove(gone);
            _shown.Remove(gone);
        }
    }

    /// <summary>The latest, newest first.</summary>
    public IEnumerable<EndedJob> Latest(int count)
    {
        List<string> ids = [.. _ended.OrderByDescending(e => e.Value).ThenBy(e => e.Key, StringComparer.Ordinal).Take(count).Select(e => e.Key)];
        foreach (string old in _shown.Keys.Except(ids).ToList())
        {
            _shown.Remove(old);
        }

        return ids.Select(Show);
    }

    private EndedJob Show(string id)
    {
        if (!_shown.TryGetValue(id, out EndedJob? job))
        {
            RunHeader? header = ResultFile.ReadHeader(Path.Combine(root.RunFolder(id), "result.json"));
            job = new EndedJob
            {
                Id = id,
                State = state,
                Ended = new DateTimeOffset(_ended[id], TimeSpan.Zero),
                Kind = header?.Kind,
                Name = header?.Name,
                Seconds = header?.Seconds,
                Error = state == JobState.Failed ? JobError.Read(root, id)?.Message : null,
                Files = [.. RunFiles.Names.Where(n => File.Exists(Path.Combine(root.RunFolder(id), n)))],
            };
            _shown[id] = job;
        }

        return job;
    }
}
