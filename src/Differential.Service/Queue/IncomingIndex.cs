using System.Text.Json;
using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>
/// What lies in <c>incoming/</c>, in the order in which it is to be taken: priority, then age, then name. Each file is read
/// once; a look at the folder costs a directory listing, and taking the next job does not depend on how many wait.
/// </summary>
public sealed class IncomingIndex(ServiceRoot root, QueueOptions options, TimeProvider time)
{
    private static readonly JsonDocumentOptions Json = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64 };

    private readonly Dictionary<string, IncomingJob> _ready = [];
    private readonly Dictionary<string, (long Size, DateTime Modified, long Since)> _unsettled = [];
    private readonly SortedSet<IncomingJob> _order = new(Comparer<IncomingJob>.Create(Compare));
    private readonly HashSet<string> _listed = [];

    /// <summary>Files that are complete and wait, first to be taken first.</summary>
    public IReadOnlyCollection<IncomingJob> Ready => _order;

    /// <summary>Files that are not complete yet.</summary>
    public int Unsettled => _unsettled.Count;

    /// <summary>Reads the folder: new and changed files are looked at, files that are gone are forgotten.</summary>
    public void Scan()
    {
        _listed.Clear();
        foreach (FileInfo file in new DirectoryInfo(root.Incoming).EnumerateFiles("*.json"))
        {
            if (file.Name.StartsWith('.'))
            {
                continue;
            }

            try
            {
                Look(file);
                _listed.Add(file.Name);
            }
            catch (Exception exception) when (SystemError.IsOfFiles(exception))
            {
                // Taken by another service between the listing and the look, or not readable now: the next scan tells.
            }
        }

        foreach (string name in _ready.Keys.Where(n => !_listed.Contains(n)).ToList())
        {
            Forget(name);
        }

        foreach (string name in _unsettled.Keys.Where(n => !_listed.Contains(n)).ToList())
        {
            _unsettled.Remove(name);
        }
    }

    /// <summary>Drops a file that was taken or is gone.</summary>
    public void Forget(string name)
    {
        if (_ready.Remove(name, out IncomingJob? job))
        {
            _order.Remove(job);
        }
    }

    private static int Compare(IncomingJob? x, IncomingJob? y)
    {
        int order = y!.Priority.CompareTo(x!.Priority);
        order = order != 0 ? order : x.Modified.CompareTo(y.Modified);
        return order != 0 ? order : string.CompareOrdinal(x.Name, y.Name);
    }

    private void Look(FileInfo file)
    {
        FileKind? kind = FileStatus.Of(file.FullName, follow: false)?.Kind;
        string? refused = kind is null or FileKind.Regular ? null : RegularFile.Describe(kind.Value);
        long size = refused is not null ? 0 : file.Length;
        DateTime modified = file.LastWriteTimeUtc;
        if (_ready.TryGetValue(file.Name, out IncomingJob? known))
        {
            if (known.Size == size && known.Modified == modified && known.Refused == refused)
            {
                return;
            }

            Forget(file.Name);
        }

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
        _ready[file.Name] = job;
        _order.Add(job);
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
