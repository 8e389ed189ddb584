using Differential.Core;
using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Tests.Queue;

public sealed class JobQueueTests
{
    [Fact]
    public void Claim_TwoWorkersOneFile_OneGetsIt()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        (_, JobQueue first) = folder.Worker();
        (_, JobQueue second) = folder.Worker();
        IncomingJob incoming = folder.Scan().Ready[0];

        ActiveJob? a = first.Claim(incoming);
        ActiveJob? b = second.Claim(incoming);

        Assert.NotNull(a);
        Assert.Null(b);
        Assert.True(a.IsHeld);
        Assert.Equal("job", a.Id);
        Assert.Equal("job.json", JobTicket.Read(folder.Root, "job")!.Source);
    }

    [Fact]
    public async Task Claim_ManyFilesManyWorkers_EachFileGoesToExactlyOne()
    {
        using var folder = new QueueFolder();
        for (int i = 0; i < 60; i++)
        {
            folder.Drop($"job-{i:000}.json");
        }

        Task<List<string>>[] workers = [.. Enumerable.Range(0, 4).Select(n => Task.Run(() =>
        {
            (_, JobQueue queue) = folder.Worker();
            List<string> ids = [];
            foreach (IncomingJob incoming in folder.Scan().Ready)
            {
                if (queue.Claim(incoming) is { } job)
                {
                    ids.Add(job.Id);
                }
            }

            return ids;
        }))];
        string[] all = [.. (await Task.WhenAll(workers)).SelectMany(ids => ids)];

        Assert.Equal(60, all.Length);
        Assert.Equal(60, all.Distinct().Count());
        Assert.Empty(Directory.GetFiles(folder.Root.Incoming));
    }

    [Fact]
    public void Claim_SameNameAgain_GetsAnIdOfItsOwn()
    {
        using var folder = new QueueFolder();
        (_, JobQueue queue) = folder.Worker();
        List<string> ids = [];
        for (int i = 0; i < 3; i++)
        {
            folder.Drop("job.json");
            ActiveJob job = queue.Claim(folder.Scan().Ready[0])!;
            ids.Add(job.Id);
            queue.Finish(job, i == 0 ? JobState.Failed : JobState.Done, i == 0 ? new InvalidDataException("x") : null);
        }

        Assert.Equal(["job", "job-2", "job-3"], ids);
        Assert.True(File.Exists(ServiceRoot.JobFile(folder.Root.Failed, "job")));
        Assert.True(File.Exists(ServiceRoot.JobFile(folder.Root.Done, "job-3")));
    }

    [Theory]
    [InlineData("../../etc/passwd.json", "passwd")]
    [InlineData("a b\u00e9.json", "a-b-")]
    [InlineData("..json", "job")]
    [InlineData("...x.json", "x")]
    public void Id_OfAnyName_StaysInsideTheRoot(string name, string expected)
    {
        string id = JobId.From(Path.GetFileNameWithoutExtension(name));

        Assert.Equal(expected, id);
        Assert.True(JobId.IsValid(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public void Id_FromOutside_IsRefused(string id) => Assert.False(JobId.IsValid(id));

    [Fact]
    public void Finish_WithInputError_WritesWhatWhereAndWhatIsAllowed()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json", "{\"epochs\":-1}");
        (_, JobQueue queue) = folder.Worker();
        ActiveJob job = queue.Claim(folder.Scan().Ready[0])!;

        Assert.True(queue.Finish(job, JobState.Failed, new InputException("job.json", "$.epochs", "found -1", "1 or more")));

        JobError error = JobError.Read(folder.Root, "job")!;
        Assert.Equal(("job.json", "$.epochs", "found -1", "1 or more"), (error.File, error.Place, error.Found, error.Allowed));
        Assert.Equal("{\"epochs\":-1}", File.ReadAllText(ServiceRoot.JobFile(folder.Root.Failed, "job")));
    }

    [Fact]
    public void CountStart_AfterAnUnexplainedEnd_RunsAloneAndCountsOnce()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        (_, JobQueue queue) = folder.Worker();
        ActiveJob job = queue.Claim(folder.Scan().Ready[0])!;

        Assert.Equal((0, false), Counted(queue.CountStart(job)));
        Assert.Equal((1, true), Counted(queue.CountStart(job)));
        Assert.Equal((1, true), Counted(queue.CountStart(job)));
        Assert.Equal(3, JobTicket.Read(folder.Root, "job")!.Starts);
        Assert.True(queue.RunsAlone(job, isInOrder: false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CountStart_AfterAnEndInOrder_CountsNothing(bool isTold)
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        (_, JobQueue queue) = folder.Worker();
        ActiveJob job = queue.Claim(folder.Scan().Ready[0])!;
        queue.CountStart(job);
        if (isTold)
        {
            queue.EndStart(job);
        }

        Assert.Equal((0, false), Counted(queue.CountStart(job, isInOrder: !isTold)));
    }

    [Fact]
    public void CountStart_AfterTheMachineWentDown_CountsNothing()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        (_, JobQueue queue) = folder.Worker();
        ActiveJob job = queue.Claim(folder.Scan().Ready[0])!;
        (queue.CountStart(job) with { Host = "another boot/of this machine" }).Write(folder.Root);

        Assert.Equal((0, false), Counted(queue.CountStart(job)));
    }

    [Fact]
    public void CountCrash_OfTheJobsOwnProcess_CountsUpAndAfterALongRunThatCameFurtherAnew()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        (_, JobQueue queue) = folder.Worker();
        ActiveJob job = queue.Claim(folder.Scan().Ready[0])!;
        queue.CountStart(job);
        queue.CountStart(job);

        Assert.Equal(2, queue.CountCrash(job, "epoch 1", isLongRun: false).Attempts);
        Assert.Equal(3, queue.CountCrash(job, "epoch 2", isLongRun: false).Attempts);
        Assert.Equal(4, queue.CountCrash(job, "epoch 2", isLongRun: true).Attempts);
        Assert.Equal(2, queue.CountCrash(job, "epoch 3", isLongRun: true).Attempts);
        Assert.Equal((2, true), Counted(queue.CountStart(job)));
    }

    [Fact]
    public void TakeOver_OfADeadWorker_MovesItsJobsAndTheOldOneCannotFinishThem()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        (WorkerLease old, JobQueue first) = folder.Worker();
        ActiveJob job = first.Claim(folder.Scan().Ready[0])!;
        first.CountStart(job);
        (_, JobQueue second) = folder.Worker();

        ActiveJob taken = Assert.Single(second.TakeOver(folder.Root.WorkerFolder(old.Worker)));

        Assert.Equal(job.Id, taken.Id);
        Assert.False(job.IsHeld);
        Assert.False(first.Finish(job, JobState.Done));
        Assert.False(File.Exists(ServiceRoot.JobFile(folder.Root.Done, "job")));
        Assert.False(old.Beat());
        Assert.Equal((1, true), Counted(second.CountStart(taken)));
        Assert.True(second.Finish(taken, JobState.Done));
        Assert.Empty(Directory.GetFiles(folder.Root.Active, "*.json", SearchOption.AllDirectories));
    }

    [Fact]
    public void TakeOver_BeforeTheTicketWasWritten_GivesTheJobOne()
    {
        using var folder = new QueueFolder();
        (WorkerLease old, _) = folder.Worker();
        File.WriteAllText(ServiceRoot.JobFile(folder.Root.WorkerFolder(old.Worker), "job"), "{}");
        (_, JobQueue queue) = folder.Worker();

        ActiveJob taken = Assert.Single(queue.TakeOver(folder.Root.WorkerFolder(old.Worker)));

        Assert.NotNull(JobTicket.Read(folder.Root, taken.Id));
    }

    [Fact]
    public void TakeOver_WhereTheIdWentToAnotherJob_TakesAFreeOne()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json", "{\"name\":\"other\"}");
        (_, JobQueue queue) = folder.Worker();
        ActiveJob other = queue.Claim(folder.Scan().Ready[0])!;
        queue.Finish(other, JobState.Done);
        (WorkerLease old, _) = folder.Worker();
        File.WriteAllText(ServiceRoot.JobFile(folder.Root.WorkerFolder(old.Worker), "job"), "{}");

        ActiveJob taken = Assert.Single(queue.TakeOver(folder.Root.WorkerFolder(old.Worker)));

        Assert.Equal("job-2", taken.Id);
        Assert.Equal("{\"name\":\"other\"}", File.ReadAllText(ServiceRoot.JobFile(folder.Root.Done, "job")));
    }

    private static (int Attempts, bool Alone) Counted(JobTicket ticket) => (ticket.Attempts, ticket.Alone);
}
