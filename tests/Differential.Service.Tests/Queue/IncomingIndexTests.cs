using Differential.Service.Queue;
using Microsoft.Extensions.Time.Testing;

namespace Differential.Service.Tests.Queue;

public sealed class IncomingIndexTests
{
    private static readonly DateTime Noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Ready_SeveralFiles_AreInOrderOfPriorityThenAgeThenName()
    {
        using var folder = new QueueFolder();
        folder.Drop("old.json", modified: Noon.AddMinutes(-5));
        folder.Drop("b.json", modified: Noon);
        folder.Drop("a.json", modified: Noon);
        folder.Drop("low.json", "{\"priority\":-1}", Noon.AddHours(-1));
        folder.Drop("high.json", "{\"priority\":7, /* comment */}", Noon.AddHours(1));

        Assert.Equal(["high.json", "old.json", "a.json", "b.json", "low.json"], folder.Scan().Ready.Select(j => j.Name));
    }

    [Theory]
    [InlineData("{\"kind\":\"train\"")]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"a\":1} trailing")]
    public void Scan_FileThatIsNoObjectYet_WaitsUntilItSettles(string text)
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json", text);
        var index = new IncomingIndex(folder.Root, folder.Options, _time);

        index.Scan();
        Assert.Empty(index.Ready);
        Assert.Equal(1, index.Unsettled);

        _time.Advance(folder.Options.SettleTime - TimeSpan.FromTicks(1));
        index.Scan();
        Assert.Empty(index.Ready);

        _time.Advance(TimeSpan.FromTicks(1));
        index.Scan();
        Assert.Equal("job.json", Assert.Single(index.Ready).Name);
    }

    [Fact]
    public void Scan_FileStillGrowing_IsTakenOnceItIsComplete()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json", "{\"kind\":");
        var index = new IncomingIndex(folder.Root, folder.Options, _time);
        index.Scan();
        _time.Advance(folder.Options.SettleTime);
        folder.Drop("job.json", "{\"kind\":\"tra");
        index.Scan();
        Assert.Empty(index.Ready);

        folder.Drop("job.json", "{\"kind\":\"train\"}");
        index.Scan();
        Assert.Single(index.Ready);
        Assert.Equal(0, index.Unsettled);
    }

    [Theory]
    [InlineData(".hidden.json")]
    [InlineData("notes.txt")]
    [InlineData("job.json.tmp")]
    public void Scan_OtherFiles_AreLeftAlone(string name)
    {
        using var folder = new QueueFolder();
        folder.Drop(name);

        IncomingIndex index = folder.Scan();
        Assert.Empty(index.Ready);
        Assert.Equal(0, index.Unsettled);
    }

    [Fact]
    public void Scan_FileGoneOrChanged_FollowsIt()
    {
        using var folder = new QueueFolder();
        string gone = folder.Drop("gone.json");
        folder.Drop("changed.json", "{\"priority\":1}");
        var index = new IncomingIndex(folder.Root, folder.Options, _time);
        index.Scan();
        Assert.Equal(2, index.Ready.Count);

        File.Delete(gone);
        folder.Drop("changed.json", "{\"priority\":22}");
        index.Scan();
        Assert.Equal(22, Assert.Single(index.Ready).Priority);
    }

    [SkippableTheory]
    [InlineData("{\"priority\":9}")]
    [InlineData(null)]
    public void Scan_Link_IsReadyUnread(string? target)
    {
        Skip.If(OperatingSystem.IsWindows(), "links need rights there");
        using var folder = new QueueFolder();
        string aim = Path.Combine(folder.Root.Path, "aim");
        if (target is not null)
        {
            File.WriteAllText(aim, target);
        }

        File.CreateSymbolicLink(Path.Combine(folder.Root.Incoming, "link.json"), aim);

        IncomingJob job = Assert.Single(folder.Scan().Ready);
        Assert.Equal(("a link", 0), (job.Refused, job.Priority));
    }

    [Fact]
    public void News_NamesThatAreNeverTaken_AreToldOnceAndHiddenOnesNot()
    {
        using var folder = new QueueFolder();
        folder.Drop("job.json");
        folder.Drop("notes.txt");
        folder.Drop(".hidden.txt");
        Directory.CreateDirectory(Path.Combine(folder.Root.Incoming, "folder.json"));
        Directory.CreateDirectory(Path.Combine(folder.Root.Incoming, "data"));
        var leftAlone = new LeftAlone(folder.Root, TimeSpan.FromSeconds(5), _time);

        Assert.Empty(leftAlone.News());
        _time.Advance(TimeSpan.FromSeconds(5));
        folder.Drop("just now.tmp");
        Assert.Equal(["folder.json", "notes.txt"], leftAlone.News());
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["just now.tmp"], leftAlone.News());
        Assert.Empty(leftAlone.News());
    }
}
