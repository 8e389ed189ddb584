using Differential.Service.Queue;
using Differential.Service.Tests.Queue;
using Differential.Service.Tests.Reliability;

namespace Differential.Service.Tests.Commands;

/// <summary>What <c>submit</c>, <c>status</c>, <c>cancel</c> and <c>health</c> promise, with the real program.</summary>
public sealed class HandInTests : IDisposable
{
    private const string Job = """{ "kind": "theory", "data": { "kind": "affine" } }""";

    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Submit_RootMistyped_IsRefusedAndNothingIsMade()
    {
        _folder.Write("job.json", Job);

        ProgramRun refused = await Executable.Run(_folder.Path, "submit", "job.json", "--root", "nowhere");
        bool made = Directory.Exists(_folder.In("nowhere"));
        ProgramRun created = await Executable.Run(_folder.Path, "submit", "job.json", "--root", "nowhere", "--create");

        Assert.Equal((2, false, 0), (refused.Status, made, created.Status));
        Assert.StartsWith("nowhere: file: no service's folder (it has no incoming/); allowed: the --root of differential serve; --create makes a new one", refused.Error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.In("nowhere/incoming")));
    }

    [SkippableTheory]
    [InlineData(true, "700", 0)]
    [InlineData(true, "755", 0)]
    [InlineData(false, "777", 0)]
    [InlineData(false, "733", 2)]
    public async Task Submit_UnderAUmaskThatHidesFiles_HandsInWhatTheServiceCanReadOrSaysThatItCannot(bool asRoot, string mode, int status)
    {
        Circumstances.SkipWithoutUsers();
        var root = new ServiceRoot(_folder.In("root"));
        root.Create();
        _folder.Write("job.json", Job);
        Circumstances.SetMode(_folder.Path, "755");

        // The service is the folder's owner: a user without rights, or a third one that is neither root nor who hands in.
        Assert.True(Circumstances.Succeeds("/bin/chown", ["-R", asRoot ? "65534:65534" : "12345:12345", root.Path]));
        Circumstances.SetMode(root.Incoming, mode);

        ProgramRun run = await Executable.Run(_folder.Path, new Circumstances { Umask = "077", Unprivileged = !asRoot }, "submit", "job.json", "--root", root.Path);

        Assert.True(run.Status == status, run.Error);
        if (status == 0)
        {
            int service = asRoot ? 65534 : 12345;
            string file = Assert.Single(Directory.GetFiles(root.Incoming));
            Assert.True(Circumstances.Succeeds("/usr/bin/setpriv", [$"--reuid={service}", $"--regid={service}", "--clear-groups", "--", "cat", file]), "the service can't read the job");
        }
        else
        {
            Assert.Contains("the service (user 12345, group 12345) could not read the job", run.Error, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(root.Incoming));
        }
    }

    [Theory]
    [InlineData("done", """{ "id": "old", "source": "old.json", "claimed": "2026-02-01T10:00:00+00:00", "ended": "2026-02-01T12:00:00+00:00" }""", "2026-02-01T12:00:00+00:00")]
    [InlineData("failed", """{ "id": "old", "source": "old.json", "claimed": "2026-02-01T10:00:00+00:00", "ended": "2026-02-01T12:00:00+00:00" }""", "2026-02-01T12:00:00+00:00")]
    public async Task Status_FileCopiedWithItsTimeOfLongAgo_SaysWhenTheJobEnded(string state, string ticket, string since)
    {
        var root = new ServiceRoot(_folder.In("root"));
        root.Create();
        string file = ServiceRoot.JobFile(Path.Combine(root.Path, state), "old");
        await File.WriteAllTextAsync(file, Job);
        File.SetLastWriteTimeUtc(file, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Directory.CreateDirectory(root.RunFolder("old"));
        await File.WriteAllTextAsync(root.TicketFile("old"), ticket);

        ProgramRun run = await Executable.Run(_folder.Path, "status", "old", "--json", "--root", root.Path);

        Assert.Contains($"\"since\": \"{since}\"", run.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Health_LoopThatTurnsThatHangsAndThatEnded_IsToldByTheExitStatus()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals");
        using var folder = new QueueFolder();
        ProgramRun none = await Executable.Run(_folder.Path, "health", "--root", folder.Root.Path);
        using var service = ServiceProcess.Serve(folder.Root.Path, ("DIFFERENTIAL__Queue__Heartbeat", "00:00:00.200"));
        Assert.True(Wait.Until(() => PulseFile.Youngest(folder.Root) is not null, TimeSpan.FromSeconds(60)), "the loop did not turn");

        ProgramRun turns = await Executable.Run(_folder.Path, "health", "--root", folder.Root.Path);
        service.Pause();
        await Task.Delay(TimeSpan.FromSeconds(2));
        ProgramRun hangs = await Executable.Run(_folder.Path, "health", "--root", folder.Root.Path, "--within", "1");
        service.Continue();
        service.Terminate(TimeSpan.FromSeconds(60));
        ProgramRun ended = await Executable.Run(_folder.Path, "health", "--root", folder.Root.Path);

        Assert.Equal((1, 0, 1, 1), (none.Status, turns.Status, hangs.Status, ended.Status));
        Assert.Contains("stands still", hangs.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root.Active));
    }

    public void Dispose() => _folder.Dispose();
}
