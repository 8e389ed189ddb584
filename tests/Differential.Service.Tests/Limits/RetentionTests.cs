using Differential.Service.Hosting;
using Differential.Service.Queue;
using Differential.Service.Tests.Queue;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Differential.Service.Tests.Limits;

public sealed class RetentionTests : IDisposable
{
    private static readonly DateTime Now = new(2026, 1, 11, 12, 0, 0, DateTimeKind.Utc);

    private readonly QueueFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Now);
    private readonly DateTime _old = Now.AddDays(-10);

    [Fact]
    public void Sweep_OldAndNewJobs_DeletesWhatEndedLongAgoOnly()
    {
        Ended(_folder.Root.Done, "old-done", _old);
        Ended(_folder.Root.Failed, "old-failed", _old);
        File.WriteAllText(_folder.Root.ErrorFile("old-failed"), "{}");
        File.SetLastWriteTimeUtc(_folder.Root.ErrorFile("old-failed"), _old);
        Ended(_folder.Root.Cancelled, "old-cancelled", _old);
        Ended(_folder.Root.Done, "new", Now);

        Assert.Equal(3, Sweep(TimeSpan.FromDays(7)));

        Assert.Equal(["new"], Names(_folder.Root.Runs));
        Assert.Equal(["new.json"], Names(_folder.Root.Done));
        Assert.Empty(Names(_folder.Root.Failed));
        Assert.Empty(Names(_folder.Root.Cancelled));
    }

    [Fact]
    public void Sweep_JobHandedInLongAgoThatEndedNow_IsKept()
    {
        Ended(_folder.Root.Done, "slow", _old);
        File.WriteAllText(Path.Combine(_folder.Root.RunFolder("slow"), "result.json"), "{}");
        File.SetLastWriteTimeUtc(Path.Combine(_folder.Root.RunFolder("slow"), "result.json"), Now);

        Assert.Equal(0, Sweep(TimeSpan.FromDays(7)));
    }

    [Fact]
    public void Sweep_ActiveAndWaitingJobsAndWhatTheyWaitFor_AreKept()
    {
        Ended(_folder.Root.Done, "needed", _old);
        _folder.Drop("next.json", """{ "kind": "train", "after": ["needed"] }""", _old);
        Directory.CreateDirectory(_folder.Root.WorkerFolder("w"));
        Ended(_folder.Root.WorkerFolder("w"), "running", _old);

        Assert.Equal(0, Sweep(TimeSpan.FromDays(7)));

        Assert.True(File.Exists(ServiceRoot.JobFile(_folder.Root.Done, "needed")));
        Assert.True(Directory.Exists(_folder.Root.RunFolder("running")));
    }

    [Fact]
    public void Sweep_NoRetention_DeletesNothing()
    {
        Ended(_folder.Root.Done, "old", _old);

        Assert.Equal(0, Sweep(null));
        Assert.Equal(["old"], Names(_folder.Root.Runs));
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private int Sweep(TimeSpan? retention)
    {
        using var service = new RetentionService(_folder.Root, new ServiceOptions { Root = _folder.Root.Path, Retention = retention }, _time, NullLogger<RetentionService>.Instance);
        return service.Sweep();
    }

    private void Ended(string folder, string id, DateTime time)
    {
        Directory.CreateDirectory(_folder.Root.RunFolder(id));
        foreach (string file in (string[])[ServiceRoot.JobFile(folder, id), _folder.Root.TicketFile(id)])
        {
            File.WriteAllText(file, "{}");
            File.SetLastWriteTimeUtc(file, time);
        }
    }
}
