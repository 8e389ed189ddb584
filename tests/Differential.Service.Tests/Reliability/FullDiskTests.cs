using System.Diagnostics;
using Differential.Service.Queue;

namespace Differential.Service.Tests.Reliability;

/// <summary>A real full disk: a root on a small file system in memory, which only root may mount.</summary>
[Trait("Category", "Long")]
public sealed class FullDiskTests : IDisposable
{
    private readonly string _mount = Directory.CreateTempSubdirectory("differential-disk-").FullName;
    private bool _mounted;

    [SkippableFact]
    public void Serve_DiskFullInTheMiddle_LosesNothingAndGoesOnWhenThereIsRoom()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "mounting a small file system needs root on Linux");
        Skip.IfNot(Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", _mount) == 0, "no file system could be mounted");
        _mounted = true;
        string path = Path.Combine(_mount, "root");
        var root = new ServiceRoot(path);
        root.Create();
        string ballast = Path.Combine(_mount, "ballast");

        // Room for the ticket and little more: the checkpoints of this network take about 600 kB each.
        File.WriteAllBytes(ballast, new byte[(4 << 20) - (300 << 10)]);
        File.WriteAllText(Path.Combine(root.Incoming, "job.json"), """
            { "kind": "train", "data": { "kind": "shapes", "count": 200, "size": 16 }, "model": { "kind": "small" }, "epochs": 4, "batchSize": 32 }
            """);
        using var service = ServiceProcess.Serve(path, ("DIFFERENTIAL__Queue__MinimumFreeBytes", "65536"), ("DIFFERENTIAL__LogFile__Enabled", "false"));

        Assert.True(Wait.Until(() => root.FindActive("job") is not null, TimeSpan.FromSeconds(60)), "the job was not taken");
        Thread.Sleep(TimeSpan.FromSeconds(15));
        Assert.False(service.HasExited);
        Assert.False(File.Exists(ServiceRoot.JobFile(root.Done, "job")), "the disk was not full");
        Assert.Empty(Directory.GetFiles(root.Failed));
        Assert.NotNull(root.FindActive("job"));

        File.Delete(ballast);
        Assert.True(Wait.Until(() => File.Exists(ServiceRoot.JobFile(root.Done, "job")), TimeSpan.FromSeconds(120)), "the job did not go on");
        Assert.Equal(130, service.Terminate(TimeSpan.FromSeconds(30)));
    }

    public void Dispose()
    {
        if (_mounted)
        {
            Run("umount", "-l", _mount);
        }

        Directory.Delete(_mount);
    }

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
