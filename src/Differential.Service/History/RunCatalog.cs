using System.Collections.Concurrent;
using Differential.Core;

namespace Differential.Service.History;

/// <summary>
/// The runs in some folders, the jobs of sweeps among them. A run is read once and again when its result has changed; a look lists the folders and asks each run for the
/// time of its result. Safe to share between threads.
/// </summary>
/// <param name="folders">Folders of runs' folders; those that are not there hold none.</param>
internal sealed class RunCatalog(params IReadOnlyList<string> folders)
{
    private const string Jobs = "jobs";

    private readonly ConcurrentDictionary<string, (DateTime Time, RunSummary? Run)> _known = new(StringComparer.Ordinal);

    /// <summary>The runs that are asked for, in an order.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="sort">A field's name, with - before it for the largest first; null for the latest first.</param>
    /// <exception cref="InputException">The order is of an unknown field.</exception>
    public IReadOnlyList<RunSummary> Find(RunFilter filter, string? sort)
    {
        ArgumentNullException.ThrowIfNull(filter);
        IEnumerable<RunSummary> runs = All().Select(filter.Select).OfType<RunSummary>();
        string order = string.IsNullOrEmpty(sort) ? "-finished" : sort;
        bool falling = order[0] == '-';
        string field = RunFilter.FieldOf(falling ? order[1..] : order, "--sort");

        // A run that has no such value comes last either way.
        IEnumerable<(RunSummary Run, FieldValue? Value)> valued = runs.Select(run => (run, RunFilter.Value(run, field)));
        IOrderedEnumerable<(RunSummary Run, FieldValue? Value)> known = valued.OrderBy(static v => v.Value is null);
        return [.. (falling ? known.ThenByDescending(static v => v.Value) : known.ThenBy(static v => v.Value)).ThenBy(static v => v.Run.Id, StringComparer.Ordinal).Select(static v => v.Run)];
    }

    /// <summary>A run by its id, or by the start of it that no other has.</summary>
    /// <exception cref="InputException">There is none, or there are several.</exception>
    public RunSummary Find(string id)
    {
        foreach (string folder in folders.Where(_ => IsId(id)))
        {
            if (Read(Path.Combine(folder, id), id) is { } run)
            {
                return run;
            }
        }

        RunSummary[] meant = [.. All().Where(run => run.Id.StartsWith(id, StringComparison.Ordinal))];
        return meant.Length switch
        {
            1 => meant[0],
            0 => throw new InputException("runs", id, "no run that has ended", "allowed: an id that 'differential runs' lists, or the start of one"),
            _ => throw new InputException("runs", id, $"the start of {meant.Length} ids", "allowed: so much of an id that one run is meant"),
        };
    }

    private IEnumerable<RunSummary> All() => folders.Where(Directory.Exists)
        .SelectMany(static folder => Directory.EnumerateDirectories(folder))
        .Where(IsGiven)
        .SelectMany(folder => Parts(folder).Select(part => Read(Path.Combine(folder, part), Path.Combine(Path.GetFileName(folder), part).Replace('\\', '/'))).Prepend(Read(folder, Path.GetFileName(folder))))
        .OfType<RunSummary>();

    /// <summary>The jobs of a sweep are runs as well, in folders of their own.</summary>
    private static IEnumerable<string> Parts(string folder)
    {
        string jobs = Path.Combine(folder, Jobs);
        return Directory.Exists(jobs) && IsGiven(jobs) ? Directory.EnumerateDirectories(jobs).Where(IsGiven).Select(static part => Path.Combine(Jobs, Path.GetFileName(part))) : [];
    }

    private static bool IsGiven(string folder) => Path.GetFileName(folder)[0] != '.' && new DirectoryInfo(folder).LinkTarget is null;

    /// <summary>The run in a folder; null where it has not ended.</summary>
    public RunSummary? Read(string folder, string id)
    {
        string result = Path.Combine(folder, "result.json");
        DateTime time = File.GetLastWriteTimeUtc(result);
        if (!File.Exists(result))
        {
            return null;
        }

        if (!_known.TryGetValue(folder, out (DateTime Time, RunSummary? Run) known) || known.Time != time)
        {
            _known[folder] = known = (time, RunReader.Read(folder, id));
        }

        return known.Run;
    }

    /// <summary>NAME, or NAME/jobs/NUMBER.</summary>
    private static bool IsId(string id)
    {
        string[] parts = id.Split('/');
        return Array.TrueForAll(parts, static part => part.Length > 0 && part[0] != '.' && part.AsSpan().IndexOfAny('\\', ':') < 0) && (parts.Length == 1 || (parts.Length == 3 && parts[1] == Jobs));
    }
}
