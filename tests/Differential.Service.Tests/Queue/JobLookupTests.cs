using System.Text.Json;
using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Tests.Queue;

public sealed class JobLookupTests
{
    private static readonly string[] _ids = ["first", "finished", "missing", "../x"];

    [Fact]
    public void Find_JobOfALiveWorker_IsRunningWithItsSource()
    {
        using var folder = new QueueFolder();
        folder.Drop("my job.json");
        Claim(folder);

        JobView job = new JobLookup(folder.Root).Find("my-job")!;
        Assert.Equal((JobState.Running, "my job.json"), (job.State, job.Source));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Find_JobOfAWorkerThatIsGone_IsInterruptedAndCancelledAtOnce(bool released)
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        WorkerLease lease = Claim(folder);
        Leave(folder, lease, released);

        Assert.Equal(JobState.Interrupted, Assert.Single(new JobLookup(folder.Root).Active()).State);
        Assert.Equal(CancelOutcome.Cancelled, Cancellation.Cancel(folder.Root, "job"));
        Assert.Equal(JobState.Cancelled, new JobLookup(folder.Root).Find("job")!.State);
        Assert.Null(folder.Root.FindActive("job"));
    }

    [Fact]
    public void Cancel_JobOfALiveWorker_IsAskedToStop()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        Claim(folder);

        Assert.Equal(CancelOutcome.Asked, Cancellation.Cancel(folder.Root, "job"));
        Assert.True(new JobLookup(folder.Root).Find("job")!.Cancelling);
    }

    [Fact]
    public void Queued_JobThatWaitsForOthers_NamesThoseThatAreNotDone()
    {
        using var folder = new QueueFolder();
        folder.Drop("first.json");
        folder.Drop("last.json", "{\"after\":[\"first\",\"finished\",\"missing\"]}");
        File.WriteAllText(ServiceRoot.JobFile(folder.Root.Done, "finished"), "{}");
        var lookup = new JobLookup(folder.Root);

        Assert.Equal(["first", "missing"], lookup.Find("last")!.WaitsFor!);
        Assert.Null(lookup.Find("first")!.WaitsFor);
        Assert.Equal([JobState.Queued, JobState.Done, null, null], _ids.Select(lookup.StateOf));
    }

    private static WorkerLease Claim(QueueFolder folder)
    {
        (WorkerLease lease, JobQueue queue) = folder.Worker();
        Assert.NotNull(queue.Claim(folder.Scan().Ready[0]));
        return lease;
    }

    private static void Leave(QueueFolder folder, WorkerLease lease, bool released)
    {
        if (released)
        {
            lease.Release();
            return;
        }

        // The lease of a process that was killed: another process may have its id by now.
        string worker = folder.Root.WorkerFolder(lease.Worker);
        LeaseContent content = WorkerLease.Read(worker)! with { Started = "another start of the same id" };
        File.WriteAllBytes(Path.Combine(worker, WorkerLease.FileName), JsonSerializer.SerializeToUtf8Bytes(content));
    }
}
