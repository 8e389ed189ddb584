using System.Text.Json;
using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>
/// What lies in <c>incoming/</c>, in the order in which it is to be taken: priority, then age, then name. Each file is read
/// once. A look lists the names where the folder has changed; all files are looked at again, for changes in place, as often as
/// half a per cent of the time allows. Safe to share between threads.
/// </summary>
/// <param name="root">The root.</param>
/// <param name="options">How the queue behaves.</param>
/// <param name="time">The clock.</param>
/// <param name="names">Gives jobs their final ids; they have those of their files' names where null.</param>
public sealed class IncomingIndex(ServiceRoot root, QueueOptions options, TimeProvider time, IncomingNames? names = null)
{
    private static readonly JsonDocumentOptions Json = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64 };

    private readonly Lock _lock = new();
    private readonly FolderStamp _stamp = new(root.Incoming, time);
    private readonly Pace _pace = new(time);
    private readonly Dictionary<string, IncomingJob> _ready = [];
    private readonly Dictionary<string, (long Size, DateTime Modified, long Since)> _unsettled = [];
    private readonly SortedDictionary<string, string> _unreadable = new(StringComparer.Ordinal);
    private readonly SortedSet<IncomingJob> _order = new(Comparer<IncomingJob>.Create(Compare));
    private readonly HashSet<string> _listed = [];
    private Dictionary<string, IncomingJob> _remembered = [];
    private IncomingJob[]? _snapshot;
    private long _version;

    /// <summary>Files that are complete and wait, first to be taken first; the same list until something changes.</summary>
    public IReadOnlyList<IncomingJob> Ready
    {
        get
        {
            lock (_lock)
            {
                return _snapshot ??= [.. _order];
            }
        }
    }

    /// <summary>Changes whenever <see cref="Ready"/> does.</summary>
    public long Version
    {
        get
        {
            lock (_lock)
            {
                return _version;
            }
        }
    }

    /// <summary>Files that are not complete yet.</summary>
    public int Unsettled
    {
        get
        {
            lock (_lock)
            {
                return _unsettled.Count;
            }
        }
    }

    /// <summary>Names of files that can't be read, and why, in order of their names.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Unreadable
    {
        get
        {
            lock (_lock)
            {
                return [.. _unreadable];
            }
        }
    }

    /// <summary>The folder's time when its names were listed, where they are known to be these; else null.</summary>
    internal DateTime? Listed
    {
        get
        {
            lock (_lock)
            {
                return _stamp.IsSure && _unsettled.Count == 0 ? _stamp.Time : null;
            }
        }
    }

    /// <summary>Reads the folder: new and changed files are looked at, files that are gone are forgotten.</summary>
    public void Scan() => Scan(hinted: true, paced: false);

    /// <summary>Reads what of the folder can have changed, at the pace that half a per cent of the time allows.</summary>
    /// <param name="hinted">Whether something is known to have changed.</param>
    internal void ScanAtPace(bool hinted) => Scan(hinted, paced: true);

    /// <summary>Drops a file that was taken or is gone.</summary>
    public void Forget(string name)
    {
        lock (_lock)
        {
            ForgetLocked(name);
        }
    }

    /// <summary>Drops a file that the caller took, who knows of every change up to a version.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="version">Goes with the change where nothing else has changed.</param>
    internal void Forget(string name, ref long version)
    {
        lock (_lock)
        {
            bool same = version == _version;
            ForgetLocked(name);
            version = same ? _version : version;
        }
    }

    /// <summary>Jobs as another look at the same folder left them: a file of the same name, size and time is not read again.</summary>
    internal void Remember(IEnumerable<IncomingJob> jobs)
    {
        lock (_lock)
        {
            _remembered = jobs.ToDictionary(j => j.Name);
        }
    }

    /// <summary>One file as the index would have it, whatever else lies there; null where it is gone, unreadable or no JSON object.</summary>
    internal static IncomingJob? Read(ServiceRoot root, QueueOptions options, string name)
    {
        try
        {
            var file = new FileInfo(Path.Combine(root.Incoming, name));
            return FileStatus.Of(file.FullName, follow: false)?.Kind == FileKind.Regular
                ? new IncomingIndex(root, options, TimeProvider.System).Parse(file, file.Length, file.LastWriteTimeUtc)
                : null;
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            return null;
        }
    }

    internal static int Compare(IncomingJob? x, IncomingJob? y)
    {
        int order = y!.Priority.CompareTo(x!.Priority);
        order = order != 0 ? order : x.Modified.CompareTo(y.Modified);
        return order != 0 ? order : string.CompareOrdinal(x.Name, y.Name);
    }

    private void Scan(bool hinted, bool paced)
    {
        lock (_lock)
        {
            bool all = !paced || (_pace.IsRested && (hinted || _pace.IsOlderThan(options.RescanInterval)));
            if (all)
            {
                _pace.Do(() => ScanLocked(all: true));
            }
            else if (hinted || _unsettled.Count > 0 || _stamp.IsStale)
            {
                ScanLocked(all: false);
            }
        }
    }

    private void ScanLocked(bool all)
    {
        _listed.Clear();
        _stamp.Listing();
        foreach (string path in Directory.EnumerateFiles(root.Incoming, "*.json"))
        {
            string name = Path.GetFileName(path);
            if (name.StartsWith('.'))
            {
                continue;
            }

            if (!all && _ready.ContainsKey(name))
            {
                _listed.Add(name);
                continue;
            }

            try
            {
                Look(new FileInfo(path));
                _unreadable.Remove(name);
                _listed.Add(name);
            }
            catch (FileNotFoundException) when (name.Contains('\uFFFD', StringComparison.Ordinal))
            {
                // The name as it is written can't be said in UTF-16, so no call can find the file; two such names may look alike.
                string shown = name;
                for (int n = 2; !_listed.Add(shown); n++)
                {
                    shown = $"{name} ({n})";
                }

                _unreadable[shown] = "its name is not UTF-8";
            }
            catch (UnauthorizedAccessException)
            {
                ForgetLocked(name);
                _unsettled.Remove(name);
                _listed.Add(name);
                _unreadable[name] = "this user may not read it";
            }
            catch (IOException)
            {
                // Taken by another service between the listing and the look, or not readable now: the next scan tells.
            }
        }

        foreach (string name in _ready.Keys.Where(n => !_listed.Contains(n)).ToList())
        {
            ForgetLocked(name);
        }

        foreach (string name in _unsettled.Keys.Where(n => !_listed.Contains(n)).ToList())
        {
            _unsettled.Remove(name);
        }

        foreach (string name in _unreadable.Keys.Where(n => !_listed.Contains(n)).ToList())
        {
            _unreadable.Remove(name);
        }

        _remembered = [];
    }

    private void ForgetLocked(string name)
    {
        if (_ready.Remove(name, out IncomingJob? job))
        {
            _order.Remove(job);
            Changed();
        }
    }

    private void Changed()
    {
        _snapshot = null;
        _version++;
    }

    private void Look(FileInfo file)
    {
        FileAttributes attributes = file.Attributes;
        if ((int)attributes == -1)
        {
            throw new FileNotFoundException();
        }

        long size = attributes.HasFlag(FileAttributes.ReparsePoint) ? 0 : file.Length;
        DateTime modified = file.LastWriteTimeUtc;
        if (_ready.TryGetValue(file.Name, out IncomingJob? known))
        {
            if (known.Size == size && known.Modified == modified)
            {
                return;
            }

            ForgetLocked(file.Name);
        }

        if (_remembered.TryGetValue(file.Name, out IncomingJob? remembered) && remembered.Size == size && remembered.Modified == modified)
        {
            Add(remembered);
            return;
        }

        string? refused = FileStatus.Of(file.FullName, follow: false)?.Kind is { } kind and not FileKind.Regular ? RegularFile.Describe(kind) : null;

        // A file that parses as one JSON object is complete: no prefix of an object is an object. One that does not is given time.
        IncomingJob? job = refused is not null ? new IncomingJob(file.Name, size, modified) { Refused = refused } : Parse(file, size, modified);
        if (job is null)
        {
            long now = time.GetTimestamp();
            if (!_unsettled.TryGetValue(file.Name, out (long Size, DateTime Modified, long Since) seen) || seen.Size != size || seen.Modified != modified)
            {
                _unsettled[file.Name] = (size, modified, now);
                return;
            }

            if (time.GetElapsedTime(seen.Since, now) < options.SettleTime)
            {
                return;
            }

            // Long unchanged and still no JSON object: a bad file, to be taken and refused with its error.
            job = new IncomingJob(file.Name, size, modified);
        }

        _unsettled.Remove(file.Name);
        Add(names?.Settle(job) ?? job);
    }

    private void Add(IncomingJob job)
    {
        ForgetLocked(job.Name);
        _ready[job.Name] = job;
        _order.Add(job);
        Changed();
    }

    private IncomingJob? Parse(FileInfo file, long size, DateTime modified)
    {
        if (size > options.LargestJobFile)
        {
            return null;
        }

        try
        {
            using FileStream stream = RegularFile.OpenRead(file.FullName);
            using var document = JsonDocument.Parse(stream, Json);
            JsonElement job = document.RootElement;
            if (job.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            return new IncomingJob(file.Name, size, modified)
            {
                Priority = job.TryGetProperty("priority", out JsonElement priority) && priority.ValueKind == JsonValueKind.Number && priority.TryGetInt32(out int value) ? value : 0,
                Device = job.TryGetProperty("device", out JsonElement device) && device.ValueKind == JsonValueKind.String ? device.GetString() : "auto",
                Kind = job.TryGetProperty("kind", out JsonElement kind) && kind.ValueKind == JsonValueKind.String ? kind.GetString() : null,
                After = job.TryGetProperty("after", out JsonElement after) && after.ValueKind == JsonValueKind.Array
                    ? [.. after.EnumerateArray().Where(id => id.ValueKind == JsonValueKind.String).Select(id => id.GetString()!)]
                    : [],
            };
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // A string that is not valid UTF-16 once unescaped.
            return null;
        }
    }
}
