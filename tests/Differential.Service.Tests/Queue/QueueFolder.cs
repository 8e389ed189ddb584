using Differential.Service.Queue;

namespace Differential.Service.Tests.Queue;

/// <summary>A root of its own for a test, with workers on it.</summary>
internal sealed class QueueFolder : IDisposable
{
    public QueueFolder()
    {
        Root = new ServiceRoot(Path.Combine(Path.GetTempPath(), "differential-tests", Guid.NewGuid().ToString("N")));
        Root.Create();
    }

    public ServiceRoot Root { get; }

    public QueueOptions Options { get; } = new() { SettleTime = TimeSpan.FromMilliseconds(150) };

    public string Drop(string name, string text = "{\"kind\":\"train\"}", DateTime? modified = null)
    {
        string file = Path.Combine(Root.Incoming, name);
        File.WriteAllText(file, text);
        if (modified is { } time)
        {
            File.SetLastWriteTimeUtc(file, time);
        }

        return file;
    }

    public IncomingIndex Scan()
    {
        var index = new IncomingIndex(Root, Options, TimeProvider.System);
        index.Scan();
        return index;
    }

    public (WorkerLease Lease, JobQueue Queue) Worker()
    {
        var lease = WorkerLease.Acquire(Root);
        return (lease, new JobQueue(Root, lease, Options, TimeProvider.System));
    }

    public void Dispose() => Directory.Delete(Root.Path, recursive: true);
}
