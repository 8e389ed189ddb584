using Differential.Service.Queue;
using Differential.Service.Tests.Commands;
using Differential.Service.Tests.Reliability;

namespace Differential.Service.Tests.Queue;

/// <summary>What a user gets who drops a file that the service can't read.</summary>
public sealed class UnreadableTests : IDisposable
{
    private const string Job = """{ "kind": "theory", "data": { "kind": "affine" } }""";

    private readonly QueueFolder _folder = new();

    [SkippableFact]
    public void Scan_NamesThatAreNotUtf8_AreCountedOneByOneAndForgottenWithTheirFiles()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "names are bytes on Linux");
        DropRaw("\\377.json");
        DropRaw("a\\200b.json");
        DropRaw("a\\201b.json");
        var index = new IncomingIndex(_folder.Root, _folder.Options, TimeProvider.System);

        index.Scan();
        int before = index.Unreadable.Count;
        Assert.True(Circumstances.Succeeds("/bin/sh", ["-c", $"rm {_folder.Root.Incoming}/a*"]));
        index.Scan();

        Assert.Equal((3, 1, 0), (before, index.Unreadable.Count, index.Ready.Count));
        Assert.All(index.Unreadable, u => Assert.Equal("its name is not UTF-8", u.Value));
    }

    [SkippableFact]
    public async Task Serve_FilesThatItMayNotRead_WarnsOnceEachAndCountsThemInStatusAndMetrics()
    {
        Circumstances.SkipWithoutUsers();
        _folder.Drop("private.json", Job);
        Circumstances.SetMode(_folder.Drop("public.json", Job), "644");
        Circumstances.SetMode(Path.Combine(_folder.Root.Incoming, "private.json"), "600");
        DropRaw("\\377.json");
        Assert.True(Circumstances.Succeeds("/bin/chown", ["65534:65534", _folder.Root.Path, .. Directory.GetDirectories(_folder.Root.Path)]));
        using var service = ServiceProcess.ServeAs(_folder.Root.Path, new Circumstances
        {
            Unprivileged = true,
            Variables = new Dictionary<string, string>
            {
                ["DIFFERENTIAL__Http__Url"] = "http://127.0.0.1:0",
                ["DIFFERENTIAL__Queue__RescanInterval"] = "00:00:00.200",
                ["DIFFERENTIAL__Queue__MinimumFreeBytes"] = "0",
            },
        });
        Assert.True(Wait.Until(() => File.Exists(ServiceRoot.JobFile(_folder.Root.Done, "public")), TimeSpan.FromSeconds(60)), service.Log);
        await Task.Delay(TimeSpan.FromSeconds(4));

        // Root could read the file: what the service said holds.
        ProgramRun status = await Executable.Run(_folder.Root.Path, "status", "--root", _folder.Root.Path);
        using var client = new HttpClient();
        string metrics = await client.GetStringAsync(new Uri(service.Url + "/metrics"));
        Circumstances.SetMode(Path.Combine(_folder.Root.Incoming, "private.json"), "644");
        bool taken = Wait.Until(() => File.Exists(ServiceRoot.JobFile(_folder.Root.Done, "private")), TimeSpan.FromSeconds(60));

        Assert.StartsWith("0 queued, 0 running, 0 interrupted, 1 done, 0 failed, 0 cancelled, 2 unreadable", status.Output, StringComparison.Ordinal);
        Assert.Contains("private.json (this user may not read it)", status.Output, StringComparison.Ordinal);
        Assert.Contains("differential_jobs{state=\"unreadable\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.True(taken, "a file that has become readable was not taken");
        Assert.Single(service.Log.Split('\n'), line => line.Contains("Not taken from incoming: private.json: this user may not read it", StringComparison.Ordinal));
        Assert.Single(service.Log.Split('\n'), line => line.Contains("its name is not UTF-8", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        // Names that are not UTF-8 are beyond the class library.
        Circumstances.Succeeds("/bin/rm", ["-rf", _folder.Root.Incoming]);
        _folder.Dispose();
    }

    private void DropRaw(string octal) => Assert.True(Circumstances.Succeeds("/bin/sh", ["-c", $"printf '{Job}' > \"{_folder.Root.Incoming}/$(printf '{octal}')\""]));
}
