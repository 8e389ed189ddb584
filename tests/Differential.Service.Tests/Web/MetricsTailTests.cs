using Differential.Service.Web;

namespace Differential.Service.Tests.Web;

public sealed class MetricsTailTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));

    [Fact]
    public void Read_FileThatGrows_GivesEachWholeLineOnce()
    {
        var tail = new MetricsTail(_file);
        Assert.Empty(tail.Read(out _));
        File.WriteAllText(_file, "a\nb\nc");
        Assert.Equal(["a", "b"], tail.Read(out _));
        File.AppendAllText(_file, "d\n");
        Assert.Equal(["cd"], tail.Read(out bool reset));
        Assert.False(reset);
        Assert.Empty(tail.Read(out _));
    }

    [Theory]
    [InlineData("a\n")]
    [InlineData("a\nx\n")]
    [InlineData("a\nx\ny\nz\n")]
    public void Read_FileThatWasReplaced_StartsAnew(string text)
    {
        var tail = new MetricsTail(_file);
        File.WriteAllText(_file, "a\nb\n");
        tail.Read(out _);

        File.WriteAllText(_file, text);

        Assert.Equal(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), tail.Read(out bool reset));
        Assert.True(reset);
    }

    public void Dispose() => File.Delete(_file);
}
