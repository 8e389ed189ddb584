
using Differential.Core.Data;

namespace Differential.Core.Tests.Data;

public class PathPolicyTests
{
    [Theory]
    [InlineData("data/x.bin", "data/x.bin")]
    [InlineData("./data//y", "data/y")]
    [InlineData("data/../z", "z")]
    [InlineData("none/../z", "z")]
    [InlineData("inside/x", "data/x")]
    [InlineData("inside/../x", "x")]
    [InlineData(".", "")]
    public void Resolve_PathsWithin_GivesTheRealPath(string path, string expected)
    {
        using TemporaryFolder folder = Tree();
        string root = folder.At("root");

        Assert.Equal(Path.TrimEndingDirectorySeparator(Path.Combine(root, expected)), new PathPolicy(root, [root]).Resolve(path, "job", "$.x"));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../other")]
    [InlineData("data/../../root2/x")]
    [InlineData("../root2")]
    [InlineData("outside")]
    [InlineData("outside/x")]
    [InlineData("inside/up/x")]
    [InlineData("relative/other/x")]
    [InlineData("inside/../../other")]
    [InlineData("/etc/passwd")]
    [InlineData("loop/x")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void Resolve_PathsOut_AreRefused(string path)
    {
        using TemporaryFolder folder = Tree();
        string root = folder.At("root");

        InputException error = Assert.Throws<InputException>(() => new PathPolicy(root, [root]).Resolve(path, "job.json", "$.data.path"));
        Assert.Equal(("job.json", "$.data.path"), (error.File, error.Place));
    }

    [Fact]
    public void Resolve_WithoutRoots_GoesAnywhere()
    {
        using TemporaryFolder folder = Tree();

        Assert.Equal(folder.At("other/x"), new PathPolicy(folder.At("root")).Resolve("../other/x", "job", "$.x"));
        Assert.Equal(folder.At("other/x"), new PathPolicy(folder.At("root")).Resolve("outside/x", "job", "$.x"));
    }

    [Fact]
    public void Resolve_RootThatIsALink_IsFollowedAsWell()
    {
        using TemporaryFolder folder = Tree();
        string link = folder.At("root/inside");

        Assert.Equal(folder.At("root/data/x"), new PathPolicy(folder.At("root"), [link]).Resolve("data/x", "job", "$.x"));
    }

    [Fact]
    public void Load_DataOutsideTheRoots_IsRefused()
    {
        using TemporaryFolder folder = Tree();
        folder.Write("other/p.csv", "1,2\n-1,3\n");
        PathPolicy paths = new(folder.At("root"), [folder.At("root")]);

        Assert.Equal("$.data.path", Assert.Throws<InputException>(() => new PointsOptions { Path = "outside/p.csv" }.Load(paths, 1, "job")).Place);
    }

    /// <summary>root/{data, inside → data, outside → ../other, relative → .., loop → loop, data/up → ../..}, root2, other.</summary>
    private static TemporaryFolder Tree()
    {
        TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.At("root/data"));
        Directory.CreateDirectory(folder.At("root2"));
        Directory.CreateDirectory(folder.At("other"));
        Directory.CreateSymbolicLink(folder.At("root/inside"), folder.At("root/data"));
        Directory.CreateSymbolicLink(folder.At("root/outside"), folder.At("other"));
        Directory.CreateSymbolicLink(folder.At("root/relative"), "..");
        Directory.CreateSymbolicLink(folder.At("root/loop"), "loop");
        Directory.CreateSymbolicLink(folder.At("root/data/up"), "../..");
        return folder;
    }
}
