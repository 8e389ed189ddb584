namespace Differential.Service.Queue;

/// <summary>Waiting jobs that wait for themselves, alone or in a circle: none of them could ever start.</summary>
internal static class AfterCycles
{
    /// <summary>For each job in a circle, the ids on the way from it back to it; jobs that only lead into one are left out.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Find(IEnumerable<IncomingJob> jobs)
    {
        Dictionary<string, IncomingJob> byId = [];
        foreach (IncomingJob job in jobs)
        {
            byId[job.Id] = job;
        }

        Dictionary<string, IReadOnlyList<string>> found = [];
        HashSet<string> finished = [];
        foreach (string start in byId.Where(j => j.Value.After.Count > 0).Select(j => j.Key))
        {
            Walk(start, byId, finished, found);
        }

        return found;
    }

    // Depth first, without recursion: a chain may be as long as the queue.
    private static void Walk(string start, Dictionary<string, IncomingJob> byId, HashSet<string> finished, Dictionary<string, IReadOnlyList<string>> found)
    {
        List<(string Id, int Next)> path = [(start, 0)];
        Dictionary<string, int> places = new() { [start] = 0 };
        if (finished.Contains(start))
        {
            return;
        }

        while (path.Count > 0)
        {
            (string id, int next) = path[^1];
            IReadOnlyList<string> after = byId[id].After;
            if (next == after.Count)
            {
                path.RemoveAt(path.Count - 1);
                places.Remove(id);
                finished.Add(id);
                continue;
            }

            path[^1] = (id, next + 1);
            string other = after[next];
            if (places.TryGetValue(other, out int place))
            {
                List<string> circle = [.. path.Skip(place).Select(p => p.Id)];
                for (int i = 0; i < circle.Count; i++)
                {
                    found.TryAdd(circle[i], [.. circle.Skip(i), .. circle.Take(i + 1)]);
                }
            }
            else if (byId.ContainsKey(other) && !finished.Contains(other))
            {
                places[other] = path.Count;
                path.Add((other, 0));
            }
        }
    }
}
