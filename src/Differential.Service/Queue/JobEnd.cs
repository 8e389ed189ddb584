namespace Differential.Service.Queue;

/// <summary>When a job reached the state in which it ended.</summary>
internal static class JobEnd
{
    /// <summary>
    /// The time in the job's ticket; where it has none, the latest time of what its end wrote, or of its own file where there is
    /// nothing else. The job's file alone tells little: a rename keeps its time, and a copy may bring any.
    /// </summary>
    /// <param name="root">The root.</param>
    /// <param name="id">The job.</param>
    /// <param name="file">Its file.</param>
    public static DateTime TimeOf(ServiceRoot root, string id, string file)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (JobTicket.Read(root, id)?.Ended is { } ended)
        {
            return ended.UtcDateTime;
        }

        string run = root.RunFolder(id);
        string[] witnesses = [root.ErrorFile(id), root.TicketFile(id), Path.Combine(run, "result.json"), Path.Combine(run, "metrics.jsonl")];
        string[] there = [.. witnesses.Where(File.Exists)];
        return (there.Length > 0 ? there : [file]).Max(File.GetLastWriteTimeUtc);
    }
}
