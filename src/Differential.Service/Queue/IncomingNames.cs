namespace Differential.Service.Queue;

/// <summary>
/// The id that a waiting file's job has, the same for everybody who looks, from the moment it is seen. A file whose name is a free
/// id has that one. Any other gets the next free one, and a ticket in that id's run folder reserves it under the file's name.
/// </summary>
/// <param name="root">The root.</param>
/// <param name="options">How the queue behaves.</param>
/// <param name="time">The clock.</param>
public sealed class IncomingNames(ServiceRoot root, QueueOptions options, TimeProvider time)
{
    private readonly Dictionary<string, int> _choices = [];

    /// <summary>Whether ids are kept for files; else only told.</summary>
    public bool Reserves { get; init; } = true;

    /// <summary>The job with its id, which nobody else gets from now on.</summary>
    public IncomingJob Settle(IncomingJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        string id = IdOf(job.Name);
        try
        {
            if (Reserves && job.Name != id + ".json" && JobTicket.ReservedFor(root, id) != job.Name)
            {
                Reserve(id, job.Name);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The id is still the one that everybody finds, for as long as nothing else is handed in.
        }

        return job with { Id = id };
    }

    /// <summary>The id of a waiting file's job.</summary>
    public string IdOf(string name)
    {
        string stem = JobId.From(Path.GetFileNameWithoutExtension(name));
        if (IsFor(stem, name))
        {
            return stem;
        }

        // Ids once taken stay taken: many files of one name do not make the search long.
        for (int n = _choices.GetValueOrDefault(stem, 2); ; n++)
        {
            string id = JobId.Choice(stem, n);
            if (IsFor(id, name))
            {
                return id;
            }

            if (root.HasEnded(id))
            {
                _choices[stem] = n;
            }
        }
    }

    /// <summary>The ids before a job's own that its name would have had: given up, one of them would be taken for the job's.</summary>
    internal static IEnumerable<string> Before(IncomingJob job)
    {
        string stem = JobId.From(Path.GetFileNameWithoutExtension(job.Name));
        for (int n = 1; JobId.Choice(stem, n) != job.Id && n < 10_000; n++)
        {
            yield return JobId.Choice(stem, n);
        }
    }

    // A file that another worker takes at this moment needs no id any more: its job's run folder is what made the id look taken.
    private void Reserve(string id, string name)
    {
        string file = Path.Combine(root.Incoming, name);
        if (!File.Exists(file))
        {
            return;
        }

        new JobTicket { Id = id, Source = name, Claimed = time.GetUtcNow(), Reserved = name }.Write(root);
        if (!File.Exists(file) && root.FindActive(id) is null && !root.HasEnded(id) && JobTicket.ReservedFor(root, id) == name)
        {
            Directory.Delete(root.RunFolder(id), recursive: true);
        }
    }

    // Nobody has the id, or this very file has it: reserved, or because its job failed and was handed in again.
    private bool IsFor(string id, string name)
    {
        if (root.HasEnded(id))
        {
            return false;
        }

        bool isOwn = name == id + ".json";
        if (!Directory.Exists(root.RunFolder(id)))
        {
            return isOwn || !File.Exists(ServiceRoot.JobFile(root.Incoming, id));
        }

        return root.FindActive(id) is null
            && (JobTicket.ReservedFor(root, id) == name || (isOwn && JobRegistration.IsHandedInAgain(root, id, Path.Combine(root.Incoming, name), options)));
    }
}
