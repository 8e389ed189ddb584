using Differential.Service.Queue;
using Differential.Service.Tests.Commands;
using Differential.Service.Tests.Reliability;

namespace Differential.Service.Tests.Queue;

/// <summary>What a job that waits has and is told, with the real program where another process decides.</summary>
public sealed class WaitingTests : IDisposable
{
    private const string Job = """{ "kind": "theory", "data": { "kind": "affine" } }""";
    private const string Long = """{ "kind": "train", "data": { "kind": "shapes", "count": 512, "size": 8 }, "model": { "kind": "linear" }, "epochs": 1000000, "batchSize": 8 }""";

    private static readonly string[] _bothIds = ["b-c", "b-c-2"];

    private readonly QueueFolder _folder = new();

    public static TheoryData<string, string> Circles { get; } = new()
    {
        { "a:a", "a" },
        { "a:b b:a", "a b" },
        { "a:b b:c c:a d:a", "a b c" },
        { "a:b b:c c:b", "b c" },
        { "a:x b:a,c c:x", "" },
        { "a:b,c b:d c:d d:", "" },
        { "a:b,a b:", "a" },
        { "a:b b:a c:d d:c e:a", "a b c d" },
    };

    [Theory]
    [MemberData(nameof(Circles))]
    public void Circles_OfJobsThatWaitForEachOther_AreFoundAndWhatOnlyLeadsThereIsNot(string graph, string members)
    {
        IncomingJob[] jobs = [.. graph.Split(' ').Select(node => node.Split(':')).Select(node =>
            new IncomingJob(node[0] + ".json", 1, DateTime.UnixEpoch) { After = node[1].Split(',', StringSplitOptions.RemoveEmptyEntries) })];

        Assert.Equal(members.Split(' ', StringSplitOptions.RemoveEmptyEntries), AfterCycles.Find(jobs).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Circles_ChainAsLongAsTheQueue_IsWalkedOnce()
    {
        const int Count = 20_000;
        IncomingJob[] jobs = [.. Enumerable.Range(0, Count).Select(i => new IncomingJob($"j{i}.json", 1, DateTime.UnixEpoch) { After = [$"j{(i + 1) % Count}"] })];

        Assert.Equal(Count, AfterCycles.Find(jobs).Count);
        Assert.Empty(AfterCycles.Find(jobs[1..]));
    }

    [Fact]
    public async Task Duplicate_OfAJobThatIsDone_HasItsFinalIdWhereItIsListedAndIsCancelledByIt()
    {
        await File.WriteAllTextAsync(ServiceRoot.JobFile(_folder.Root.Done, "a"), Job);
        _folder.Drop("a.json", Job);
        _folder.Drop("b c.json", Job);
        _folder.Drop("b-c.json", Job);

        ProgramRun status = await Executable.Run(_folder.Root.Path, "status", "--root", _folder.Root.Path);
        ProgramRun again = await Executable.Run(_folder.Root.Path, "status", "--root", _folder.Root.Path);
        ProgramRun done = await Executable.Run(_folder.Root.Path, "cancel", "a", "--root", _folder.Root.Path);
        ProgramRun queued = await Executable.Run(_folder.Root.Path, "cancel", "a-2", "--root", _folder.Root.Path);
        using var service = ServiceProcess.Serve(_folder.Root.Path, ("DIFFERENTIAL__Queue__MinimumFreeBytes", "0"));
        bool ended = Wait.Until(() => Directory.GetFiles(_folder.Root.Done, "*.json").Length == 3, TimeSpan.FromSeconds(60));

        Assert.Contains("  a-2  queued", status.Output, StringComparison.Ordinal);
        Assert.Contains("  b-c-2  queued", status.Output, StringComparison.Ordinal);
        Assert.Equal(status.Output, again.Output);
        Assert.Equal((2, 0), (done.Status, queued.Status));
        Assert.True(ended, service.Log);
        Assert.Equal(["a.json", "b-c-2.json", "b-c.json"], Directory.GetFiles(_folder.Root.Done, "*.json").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(ServiceRoot.JobFile(_folder.Root.Cancelled, "a-2")));
        Assert.Contains("b c.json", _bothIds.Select(id => JobTicket.Read(_folder.Root, id)!.Source));
    }

    [Fact]
    public void Ids_OfFilesInAnyOrderOfArrival_AreFreeDifferentAndStay()
    {
        string[] names = ["a.json", "a-2.json", "a b.json", "a-b.json", "a@b.json", "job.json", "x.y.json", "X.json", "a-2-2.json"];
        for (int seed = 0; seed < 40; seed++)
        {
            using var folder = new QueueFolder();
            var random = new Random(seed);
            File.WriteAllText(ServiceRoot.JobFile(folder.Root.Done, "a"), "{}");
            Directory.CreateDirectory(folder.Root.RunFolder("job"));
            var index = new IncomingIndex(folder.Root, folder.Options, TimeProvider.System, new IncomingNames(folder.Root, folder.Options, TimeProvider.System));
            Dictionary<string, string> ids = [];
            foreach (string name in names.OrderBy(_ => random.Next()))
            {
                string text = $"{{\"kind\":\"{name}\"}}";
                folder.Drop(name, text);
                index.Scan();
                foreach (IncomingJob job in index.Ready)
                {
                    Assert.Equal(job.Id, ids.GetValueOrDefault(job.Kind!, job.Id));
                    ids[job.Kind!] = job.Id;
                    Assert.Equal(job.Id, new JobLookup(folder.Root).Find(job.Id)?.Id);
                }
            }

            Assert.Equal(names.Length, ids.Values.Distinct().Count());
            Assert.DoesNotContain("a", ids.Values);
            Assert.DoesNotContain("job", ids.Values);
            (_, JobQueue queue) = folder.Worker();
            Assert.All(index.Ready, job => Assert.Equal(job.Id, queue.Claim(job)!.Id));
        }
    }

    [Fact]
    public async Task Serve_BadFilesWhileEverySlotIsTaken_AreRefusedWithinTheDocumentedTime()
    {
        _folder.Drop("long.json", Long);
        using var service = ServiceProcess.Serve(_folder.Root.Path, ("DIFFERENTIAL__Queue__MinimumFreeBytes", "0"), ("DIFFERENTIAL__Queue__SettleTime", "00:00:05"));
        Assert.True(Wait.Until(() => _folder.Root.FindActive("long") is not null, TimeSpan.FromSeconds(60)), service.Log);
        _folder.Drop("mistyped.json", """{ "kind": "trian" }""");
        _folder.Drop("itself.json", """{ "kind": "theory", "data": { "kind": "affine" }, "after": ["itself"] }""");
        _folder.Drop("one.json", """{ "kind": "theory", "data": { "kind": "affine" }, "after": ["other"] }""");
        _folder.Drop("other.json", """{ "kind": "theory", "data": { "kind": "affine" }, "after": ["one"] }""");
        _folder.Drop("cut.json", """{ "kind": "theory", """);
        _folder.Drop("good.json", Job);

        // Five seconds, and what a busy machine needs beside.
        bool refused = Wait.Until(() => Directory.GetFiles(_folder.Root.Failed, "*.json").Length >= 5 && Has("cut"), TimeSpan.FromSeconds(20));
        ProgramRun status = await Executable.Run(_folder.Root.Path, "status", "--root", _folder.Root.Path);

        Assert.True(refused, service.Log);
        Assert.Contains("mistyped.json: $.kind: the unknown kind \"trian\"", status.Output, StringComparison.Ordinal);
        Assert.Contains("itself.json: $.after: 'itself', the job itself", status.Output, StringComparison.Ordinal);
        Assert.Contains("one.json: $.after: a circle of jobs that wait for each other: one after other after one", status.Output, StringComparison.Ordinal);
        Assert.Contains("other.json: $.after: a circle of jobs that wait for each other: other after one after other", status.Output, StringComparison.Ordinal);
        Assert.Contains("1 queued, 1 running", status.Output, StringComparison.Ordinal);
        Assert.Contains("  good  queued", status.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private bool Has(string id) => File.Exists(ServiceRoot.JobFile(_folder.Root.Failed, id));
}
