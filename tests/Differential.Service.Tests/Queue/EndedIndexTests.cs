using Differential.Service.Jobs;
using Differential.Service.Queue;
using Differential.Service.Tests.Commands;

namespace Differential.Service.Tests.Queue;

/// <summary>The index is a cache: whatever becomes of its files, a user sees what lies in the folders.</summary>
public sealed class EndedIndexTests : IDisposable
{
    private readonly QueueFolder _folder = new();

    [Fact]
    public void Refresh_JobsThatComeGoAndEndAnotherWay_IsAlwaysWhatLiesInTheFolders()
    {
        var random = new Random(1);
        var index = new EndedIndex(_folder.Root, TimeProvider.System);
        string[] folders = [_folder.Root.Done, _folder.Root.Failed, _folder.Root.Cancelled];
        for (int step = 0; step < 300; step++)
        {
            string id = $"job-{random.Next(40)}";
            string? file = folders.Select(f => ServiceRoot.JobFile(f, id)).FirstOrDefault(File.Exists);
            if (file is null)
            {
                End(folders[random.Next(3)], id, step);
            }
            else if (random.Next(2) == 0)
            {
                File.Delete(file);
            }
            else
            {
                // Failed and cancelled jobs may be handed in again, and end so again or another way.
                File.Delete(file);
                End(folders[Path.GetDirectoryName(file) == _folder.Root.Done ? 1 + random.Next(2) : random.Next(3)], id, step);
            }

            index.Refresh();
            Assert.Equal(Names(folders), index.All.Select(j => $"{j.State.ToText()}/{j.Id}").Order(StringComparer.Ordinal));
            Assert.All(index.All, job => Assert.Equal(JobTicket.Read(_folder.Root, job.Id)!.Ended, job.Ended));
            Assert.Equal(index.All.Select(j => j.Ended).OrderDescending(), index.All.Select(j => j.Ended));
        }
    }

    [SkippableTheory]
    [InlineData("left as it is", null)]
    [InlineData("missing", "rm -r index")]
    [InlineData("empty", ": > index/ended.json; : > index/queued.json; : > index/summary.json")]
    [InlineData("cut off", "for f in index/*; do head -c 100 $f > x; mv x $f; done")]
    [InlineData("no JSON", "for f in index/*; do echo nonsense > $f; done")]
    [InlineData("of another version", "sed -i 's/\"version\":1/\"version\":99/' index/*")]
    [InlineData("of other fields", "for f in index/*; do echo '{\"version\":1}' > $f; done")]
    [InlineData("of the wrong kinds", "for f in index/*; do echo '{\"version\":1,\"jobs\":{},\"folders\":7,\"counts\":\"\"}' > $f; done")]
    [InlineData("stale: a job has come", "echo '{}' > done/new.json")]
    [InlineData("stale: a job has gone", "rm done/job-3.json")]
    [InlineData("stale: a job has moved", "mv done/job-3.json failed/")]
    [InlineData("stale: a file waits", "echo '{\"kind\":\"train\",\"priority\":9}' > incoming/first.json")]
    [InlineData("stale: a waiting file has changed in place", "echo '{\"kind\":\"train\",\"priority\":9}' > incoming/waiting.json")]
    [InlineData("a folder in its place", "rm -r index; mkdir -p index/ended.json index/queued.json index/summary.json")]
    [InlineData("a file in its place", "rm -r index; echo x > index")]
    public async Task Status_IndexInAnyCondition_SaysWhatLiesInTheFolders(string condition, string? change)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "changes are made by a shell");
        for (int i = 0; i < 30; i++)
        {
            End(i % 3 == 0 ? _folder.Root.Done : _folder.Root.Failed, $"job-{i}", i);
        }

        _folder.Drop("waiting.json");
        Age();
        ProgramRun first = await Executable.Run(_folder.Root.Path, "status", "--root", _folder.Root.Path);
        Assert.True(File.Exists(Path.Combine(_folder.Root.Path, "index", "summary.json")), condition);
        Assert.True(change is null || Circumstances.Succeeds("/bin/sh", ["-c", $"cd {_folder.Root.Path} && {change}"]), condition);

        ProgramRun cached = await Executable.Run(_folder.Root.Path, "status", "--root", _folder.Root.Path);
        Circumstances.Succeeds("/bin/rm", ["-rf", Path.Combine(_folder.Root.Path, "index")]);
        ProgramRun fresh = await Executable.Run(_folder.Root.Path, "status", "--root", _folder.Root.Path);

        Assert.Equal(0, cached.Status);
        Assert.Equal(fresh.Output, cached.Output);
        Assert.Equal(change?.Contains("index", StringComparison.Ordinal) != false, first.Output == cached.Output);
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Names(string[] folders) =>
        folders.SelectMany(f => Directory.GetFiles(f, "*.json").Select(n => $"{Path.GetFileName(f)}/{Path.GetFileNameWithoutExtension(n)}")).Order(StringComparer.Ordinal);

    // A folder that changed a moment ago is read anew whatever the index says.
    private void Age()
    {
        foreach (string folder in (string[])[_folder.Root.Incoming, _folder.Root.Done, _folder.Root.Failed, _folder.Root.Cancelled])
        {
            Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddMinutes(-5));
        }
    }

    private void End(string folder, string id, int step)
    {
        new JobTicket { Id = id, Source = id + ".json", Claimed = DateTimeOffset.UnixEpoch, Ended = DateTimeOffset.UnixEpoch.AddMinutes(step) }.Write(_folder.Root);
        File.WriteAllText(ServiceRoot.JobFile(folder, id), "{}");
    }
}
