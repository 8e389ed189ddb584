
using Differential.Core.Files;

namespace Differential.Core.Tests.Files;

public class DurableFileTests
{
    [Fact]
    public void Write_NewAndExisting_HoldsTheLatestContentAndLeavesNothingElse()
    {
        using TemporaryFolder folder = new();
        DurableFile.WriteText(folder.At("a.json"), "first, longer");
        DurableFile.WriteText(folder.At("a.json"), "é");

        Assert.Equal("é"u8.ToArray(), File.ReadAllBytes(folder.At("a.json")));
        Assert.Equal([folder.At("a.json")], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void Write_ThatFails_LeavesTheFileAsItWas()
    {
        using TemporaryFolder folder = new();
        DurableFile.WriteText(folder.At("a"), "old");

        Assert.Throws<InvalidDataException>(() => DurableFile.Write(folder.At("a"), stream =>
        {
            stream.WriteByte(1);
            throw new InvalidDataException();
        }));

        Assert.Equal("old", File.ReadAllText(folder.At("a")));
        Assert.Single(Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void Write_MissingFolder_Throws()
    {
        using TemporaryFolder folder = new();

        Assert.Throws<DirectoryNotFoundException>(() => DurableFile.WriteText(folder.At("none/a"), "x"));
    }

    [SkippableFact]
    public void SyncFolder_MissingFolder_NamesIt()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no flush of folders");
        using TemporaryFolder folder = new();

        IOException error = Assert.Throws<IOException>(() => DurableFile.SyncFolder(folder.At("none")));
        Assert.StartsWith(folder.At("none"), error.Message, StringComparison.Ordinal);
    }
}
