using System.Diagnostics;
using System.Net.Sockets;
using Differential.Service.Queue;
using Differential.Service.Tests.Commands;
using Differential.Service.Tests.Queue;

namespace Differential.Service.Tests.Reliability;

/// <summary>What a user gets from the real service when folders, volumes and permissions change under it.</summary>
public sealed class RootTroubleTests : IDisposable
{
    private const int Nobody = 65534;
    private const string Quick = """{ "kind": "train", "data": { "kind": "affine" }, "model": { "kind": "linear" }, "epochs": 3, "batchSize": 8 }""";
    private const string Slow = """{ "kind": "train", "data": { "kind": "shapes", "count": 400, "size": 12 }, "model": { "kind": "small" }, "epochs": 12, "batchSize": 16 }""";
    private const string Bad = """{ "kind": "train", "epochs": -1 }""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly QueueFolder _folder = new();

    private ServiceRoot Root => _folder.Root;

    [SkippableFact]
    public void Serve_ActiveFolderRemoved_TheRunningJobEndsAndTheNextIsTaken()
    {
        using ServiceProcess service = Serve();
        _folder.Drop("slow.json", Slow);
        Until(() => Directory.Exists(Path.Combine(Root.RunFolder("slow"), "checkpoint")), "the job did not start");

        Run("sh", "-c", $"rm -rf '{Root.Active}'/* || rm -rf '{Root.Active}'/*");

        _folder.Drop("next.json", Quick);
        UntilEnded(Root.Done, "slow", "next");
        Assert.Single(service.Complaints, line => line.Contains("lease", StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData("done", Quick)]
    [InlineData("failed", Bad)]
    public void Serve_FolderOfAnEndRemoved_IsMadeAgainAndTheLogStaysShort(string state, string job)
    {
        using ServiceProcess service = Serve();
        Until(() => Directory.GetDirectories(Root.Active).Length > 0, "the service did not start");
        string folder = Path.Combine(Root.Path, state);
        Directory.Delete(folder);

        _folder.Drop("first.json", job);
        _folder.Drop("second.json", job);

        UntilEnded(folder, "first", "second");
        Assert.True(service.Complaints.Count <= 6, string.Join('\n', service.Complaints));
    }

    [SkippableTheory]
    [InlineData("runs", Quick, "done")]
    [InlineData("done", Quick, "done")]
    [InlineData("failed", Bad, "failed")]
    public async Task Serve_FolderThatMayNotBeWritten_KeepsTheJobAndSaysWhyUntilItMay(string closed, string job, string end)
    {
        using ServiceProcess service = Serve(isOrdinaryUser: true, ("DIFFERENTIAL__Http__Url", "http://127.0.0.1:0"));
        await UntilReadyAsync(service, 200);
        string folder = Path.Combine(Root.Path, closed);
        Circumstances.SetMode(folder, "505");

        _folder.Drop("job.json", job);
        Until(() => !File.Exists(Path.Combine(Root.Incoming, "job.json")), "the job was not taken");
        Assert.Contains(closed, await UntilReadyAsync(service, 503), StringComparison.Ordinal);
        Assert.NotNull(Root.FindActive("job"));

        Circumstances.SetMode(folder, "700");
        UntilEnded(Path.Combine(Root.Path, end), "job");
        await UntilReadyAsync(service, 200);
        Assert.True(service.Complaints.Count <= 8, string.Join('\n', service.Complaints));
    }

    [SkippableFact]
    public async Task Serve_PipeOrSocketAsJobOrData_IsRefusedAndNothingHangs()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes with names");
        Run("mkfifo", Path.Combine(Root.Incoming, "pipe.json"), Path.Combine(Root.Path, "data.csv"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(Root.Incoming, "socket.json")));
        _folder.Drop("data.json", """{ "kind": "theory", "data": { "kind": "points", "path": "../data.csv" } }""");

        ProgramRun status = await Executable.Run(Root.Path, TimeSpan.FromSeconds(60), "status", "--root", Root.Path);
        Assert.Equal(0, status.Status);
        using ServiceProcess service = Serve();
        UntilEnded(Root.Failed, "pipe", "socket", "data");

        Assert.Equal("pipe.json: file: a pipe; allowed: a regular file", JobError.Read(Root, "pipe")!.Message);
        Assert.Equal("socket.json: file: a socket; allowed: a regular file", JobError.Read(Root, "socket")!.Message);
        Assert.Contains("it is a pipe", JobError.Read(Root, "data")!.Message, StringComparison.Ordinal);
        Assert.Equal(130, service.Terminate(TimeSpan.FromSeconds(30)));
    }

    [SkippableFact]
    public void Serve_JobNamedLikeAnErrorDocument_IsKeptAndAllFailedJobsAreHandedInAgainWithAGlob()
    {
        using ServiceProcess service = Serve();
        _folder.Drop("y.error.json", Bad);
        UntilEnded(Root.Failed, "y.error");
        _folder.Drop("y.json", Bad);
        UntilEnded(Root.Failed, "y");
        Assert.Equal(Bad, File.ReadAllText(ServiceRoot.JobFile(Root.Failed, "y.error")));

        Run("sh", "-c", $"mv '{Root.Failed}'/*.json '{Root.Incoming}/'");
        Until(() => File.Exists(Path.Combine(Root.RunFolder("y"), "error.previous.json")) && File.Exists(Path.Combine(Root.RunFolder("y.error"), "error.previous.json")), "they were not taken again");
        UntilEnded(Root.Failed, "y.error", "y");

        Assert.Equal(["y", "y.error"], Directory.GetDirectories(Root.Runs).Select(f => Path.GetFileName(f)!).Where(n => !n.StartsWith('.')).Order(StringComparer.Ordinal));
        Assert.Equal(["y.error", "y.error.error", "y.error.json", "y.json"], Directory.GetFiles(Root.Failed).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [SkippableTheory]
    [InlineData("incoming")]
    [InlineData("done")]
    public async Task Serve_RootAcrossVolumes_IsRefusedInOneLine(string folder)
    {
        NeedsMounts();
        string mount = Path.Combine(Root.Path, folder);
        Run("mount", "--bind", mount, mount);
        try
        {
            ProgramRun run = await Executable.Run(Root.Path, "serve", "--root", Root.Path);

            Assert.Equal(2, run.Status);
            Assert.Equal($"{Root.Path}: {folder}/: a folder on another volume than the root; allowed: a root whose folders all lie on one volume, so that a job moves as a whole\n", run.Error);
        }
        finally
        {
            Run("umount", mount);
        }
    }

    [SkippableFact]
    public async Task Serve_VolumeGoneAndBack_TheRunningJobGoesOnFromItsCheckpointAndReadinessTellsTheTruth()
    {
        NeedsMounts();
        using var volume = new FaultVolume();
        using var service = ServiceProcess.Serve(volume.Root.Path, Nobody, [.. Settings, ("DIFFERENTIAL__Http__Url", "http://127.0.0.1:0"), ("DIFFERENTIAL__Queue__MinimumFreeBytes", "65536")]);
        await UntilReadyAsync(service, 200);
        MatrixJobs.Drop(volume.Root.Incoming, "job", Slow.Replace("\"epochs\": 12", "\"epochs\": 60", StringComparison.Ordinal));
        string checkpoint = Path.Combine(volume.Root.RunFolder("job"), "checkpoint");
        Until(() => Directory.Exists(checkpoint) && Directory.GetFiles(checkpoint, "*.bin").Length > 0, "the job did not start");

        volume.Detach();
        Assert.Contains("folder", await UntilReadyAsync(service, 503), StringComparison.Ordinal);

        // A shorter absence than a step or two is none to the job: it stays away for some heartbeats.
        await Task.Delay(TimeSpan.FromSeconds(3));
        volume.Attach();

        Until(() => File.Exists(ServiceRoot.JobFile(volume.Root.Done, "job")), "the job did not go on");
        await UntilReadyAsync(service, 200);
        Assert.Contains("\"State\":\"resumed\"", await File.ReadAllTextAsync(Path.Combine(volume.Root.RunFolder("job"), "log.jsonl")), StringComparison.Ordinal);
        Assert.Equal(130, service.Terminate(TimeSpan.FromSeconds(30)));
    }

    public void Dispose() => _folder.Dispose();

    private static (string, string)[] Settings =>
    [
        ("DIFFERENTIAL__Queue__Heartbeat", "00:00:00.200"), ("DIFFERENTIAL__Queue__MinimumFreeBytes", "0"), ("DIFFERENTIAL__LogFile__Enabled", "false"), ("DIFFERENTIAL__Queue__SettleTime", "00:00:00.500"),
    ];

    private static void NeedsMounts()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "mounts need root on Linux");
        string probe = Directory.CreateTempSubdirectory("differential-mount-").FullName;
        bool isMounted = Circumstances.Succeeds("mount", ["--bind", probe, probe]);
        if (isMounted)
        {
            Circumstances.Succeeds("umount", [probe]);
        }

        Directory.Delete(probe);
        Skip.IfNot(isMounted, "no file system could be mounted");
    }

    private ServiceProcess Serve(bool isOrdinaryUser = false, params (string, string)[] more)
    {
        Skip.If(OperatingSystem.IsWindows(), "a root's permissions and signals as Unix has them");
        int? user = null;
        if (isOrdinaryUser && Environment.IsPrivilegedProcess)
        {
            // Nothing is closed to root: the service runs as somebody else.
            user = Nobody;
            Run("chown", "-R", $"{Nobody}:{Nobody}", Root.Path);
        }

        return ServiceProcess.Serve(Root.Path, user, [.. Settings, .. more]);
    }

    private static async Task<string> UntilReadyAsync(ServiceProcess service, int status)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            (int found, string text) = await service.ReadyAsync();
            if (found == status)
            {
                return text;
            }

            Assert.True(clock.Elapsed < Patience, $"readiness: {found} {text}, not {status}");
            await Task.Delay(100);
        }
    }

    private static void Until(Func<bool> condition, string otherwise) => Assert.True(Wait.Until(condition, Patience), otherwise);

    private static void UntilEnded(string folder, params string[] ids) =>
        Until(() => ids.All(id => File.Exists(ServiceRoot.JobFile(folder, id))), $"{string.Join(", ", ids)} did not all end in {folder}");

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
