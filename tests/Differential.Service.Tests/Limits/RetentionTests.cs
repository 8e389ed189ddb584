using Differential.Service.Hosting;
using Differential.Service.Queue;
using Differential.Service.Tests.Commands;
using Differential.Service.Tests.Queue;
using Microsoft.Extensions.Logging;
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

    [SkippableFact]
    public void Sweep_RunsOfAnotherUserAmongThem_DeletesTheOthersAndWarnsOnce()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "a folder that can't be emptied needs root on Linux");
        foreach (string id in (string[])["a", "b", "c"])
        {
            Ended(_folder.Root.Done, id, _old);
        }

        // Not even root may empty a folder in which another file system is mounted.
        string stuck = Path.Combine(_folder.Root.RunFolder("b"), "stuck");
        Directory.CreateDirectory(stuck);
        Skip.IfNot(Circumstances.Succeeds("mount", ["-t", "tmpfs", "tmpfs", stuck]), "no file system could be mounted");
        try
        {
            var log = new WarningLog<RetentionService>();
            using RetentionService service = Service(TimeSpan.FromDays(7), log);

            service.Sweep();
            service.Sweep();

            Assert.Equal([], Names(_folder.Root.Done));
            Assert.Single(Names(_folder.Root.Runs));
            Assert.StartsWith(".deleted-b-", Names(_folder.Root.Runs)[0], StringComparison.Ordinal);
            Assert.Single(log.Warnings);
            Assert.StartsWith("1 of what is past its retention could not be deleted", log.Warnings[0], StringComparison.Ordinal);
        }
        finally
        {
            Circumstances.Succeeds("umount", ["-l", Directory.GetDirectories(_folder.Root.Runs, "stuck", SearchOption.AllDirectories)[0]]);
        }

        Sweep(TimeSpan.FromDays(7));
        Assert.Equal([], Names(_folder.Root.Runs));
    }

    [Fact]
    public void Sweep_JobsFileThatCannotBeDeleted_KeepsItsRunWhole()
    {
        Ended(_folder.Root.Done, "kept", _old);
        File.Delete(ServiceRoot.JobFile(_folder.Root.Done, "kept"));
        Ended(_folder.Root.Done, "gone", _old);
        Ended(_folder.Root.Failed, "kept", _old);

        // A folder in the place of its error document can't be deleted as a file.
        Directory.CreateDirectory(_folder.Root.ErrorFile("kept"));
        Directory.SetLastWriteTimeUtc(_folder.Root.ErrorFile("kept"), _old);

        Assert.Equal(1, Sweep(TimeSpan.FromDays(7)));

        Assert.Equal(["kept"], Names(_folder.Root.Runs));
        Assert.True(File.Exists(_folder.Root.TicketFile("kept")));
        Assert.True(File.Exists(ServiceRoot.JobFile(_folder.Root.Failed, "kept")));
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private int Sweep(TimeSpan? retention)
    {
        using RetentionService service = Service(retention, NullLogger<RetentionService>.Instance);
        return service.Sweep();
    }

    private RetentionService Service(TimeSpan? retention, ILogger<RetentionService> logger) =>
        new(_folder.Root, new ServiceOptions { Root = _folder.Root.Path, Retention = retention }, _time, logger);

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
