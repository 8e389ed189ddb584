namespace Differential.Service.Queue;

/// <summary>Makes the indexes from what an earlier look has written, and brings them up to date.</summary>
internal static class QueueIndexes
{
    /// <summary>The index of waiting jobs, not yet read.</summary>
    public static IncomingIndex Incoming(ServiceRoot root, QueueOptions options, TimeProvider time)
    {
        // Run folders that another user made here would be closed to the service.
        var file = new IndexFile(root);
        var index = new IncomingIndex(root, options, time, new IncomingNames(root, options, time) { Reserves = file.IsMine });
        index.Remember(file.ReadQueued());
        return index;
    }

    /// <summary>The index of ended jobs, up to date; what had to be read anew is written down where the root is this user's.</summary>
    public static EndedIndex Ended(ServiceRoot root, TimeProvider time)
    {
        var file = new IndexFile(root);
        var index = new EndedIndex(root, time);
        file.ReadEnded(index);
        if (index.Refresh() && file.IsMine)
        {
            file.WriteEnded(index);
        }

        return index;
    }
}
