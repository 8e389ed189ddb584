using System.Text.Json;
using Differential.Service.Queue;
using Microsoft.Extensions.Time.Testing;

namespace Differential.Service.Tests.Queue;

public sealed class LeaseTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Expired_LiveWorkerThatBeats_IsLeftAlone()
    {
        using var folder = new QueueFolder();
        WorkerLease other = Remote(folder, "remote");
        var watch = new LeaseWatch(folder.Root, Timeout, _time);
        for (int i = 0; i < 6; i++)
        {
            Assert.Empty(watch.Expired("self"));
            _time.Advance(Timeout / 3);
            Assert.True(other.Beat());
            Rewrite(folder, other.Worker, c => c with { Host = "elsewhere" });
        }
    }

    [Fact]
    public void Expired_RemoteWorkerThatStandsStill_ExpiresOnlyAfterTheTimeout()
    {
        using var folder = new QueueFolder();
        WorkerLease other = Remote(folder, "remote");
        var watch = new LeaseWatch(folder.Root, Timeout, _time);

        Assert.Empty(watch.Expired("self"));
        _time.Advance(Timeout - TimeSpan.FromTicks(1));
        Assert.Empty(watch.Expired("self"));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(folder.Root.WorkerFolder(other.Worker), Assert.Single(watch.Expired("self")));
    }

    [Fact]
    public void Expired_ProcessOfThisHostThatIsGone_ExpiresAtOnce()
    {
        using var folder = new QueueFolder();
        WorkerLease other = WorkerLease.Acquire(folder.Root);
        Rewrite(folder, other.Worker, c => c with { Started = "another start of the same id" });

        Assert.Single(new LeaseWatch(folder.Root, TimeSpan.FromHours(1), _time).Expired("self"));
    }

    [Fact]
    public void Expired_ProcessOfThisHostThatLivesButStandsStill_ExpiresAfterTheTimeout()
    {
        using var folder = new QueueFolder();
        WorkerLease.Acquire(folder.Root);
        var watch = new LeaseWatch(folder.Root, Timeout, _time);

        Assert.Empty(watch.Expired("self"));
        _time.Advance(Timeout - TimeSpan.FromTicks(1));
        Assert.Empty(watch.Expired("self"));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Single(watch.Expired("self"));
    }

    [Fact]
    public void Release_WithJobsLeft_LetsThemBeTakenAtOnce()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        (WorkerLease lease, JobQueue queue) = folder.Worker();
        queue.Claim(folder.Scan().Ready[0]);
        lease.Release();
        var watch = new LeaseWatch(folder.Root, TimeSpan.FromHours(1), _time);

        watch.Expired("self");
        Assert.Single(watch.Expired("self"));
    }

    [Fact]
    public void Release_WithoutJobs_LeavesNothing()
    {
        using var folder = new QueueFolder();
        WorkerLease.Acquire(folder.Root).Release();

        Assert.Empty(Directory.GetFileSystemEntries(folder.Root.Active));
    }

    private static WorkerLease Remote(QueueFolder folder, string host)
    {
        var lease = WorkerLease.Acquire(folder.Root);
        Rewrite(folder, lease.Worker, c => c with { Host = host });
        return lease;
    }

    private static void Rewrite(QueueFolder folder, string worker, Func<LeaseContent, LeaseContent> change)
    {
        string file = Path.Combine(folder.Root.WorkerFolder(worker), WorkerLease.FileName);
        File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(change(WorkerLease.Read(folder.Root.WorkerFolder(worker))!)));
    }
}
