namespace Differential.Service.Tests.Commands;

/// <summary>The program on real terminals of several widths. Skipped where tmux is missing.</summary>
public sealed class TerminalTests
{
    private const string Job =
        """
        { "kind": "compare", "name": "wide", "data": { "kind": "shapes", "count": 400, "size": 12 }, "model": { "kind": "small" }, "epochs": 5, "batchSize": 32,
          "attacks": [ { "kind": "pgd", "norm": "l2", "epsilons": [0.5, 1.0], "steps": 20 }, { "kind": "deepFool" } ], "split": "test", "limit": 40, "checkSamples": 4 }
        """;

    private static string Command => $"'{Executable.Program}' run job.json --output out --threads 1";

    [SkippableTheory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(160)]
    public async Task Run_TerminalOfAWidth_ShowsOneBarAndLeavesWholeLines(int width)
    {
        Skip.IfNot(Tmux.IsThere, "tmux is not installed");
        using var folder = new TestFolder();
        folder.Write("job.json", Job);
        await using Tmux terminal = await Tmux.StartAsync(folder.Path, width, Command);

        string bar = await terminal.WaitFor(static line => line.Contains("network 1/2 · ", StringComparison.Ordinal));
        string end = await terminal.WaitFor(static line => line.StartsWith("END", StringComparison.Ordinal));
        string[] lines = await terminal.Lines();
        string[] joined = await terminal.Lines("-J");

        Assert.Equal("END 0", end);
        Assert.Contains(" %", bar, StringComparison.Ordinal);
        Assert.Equal(joined, lines);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
        Assert.DoesNotContain(lines, static line => line.Contains("network 1/2", StringComparison.Ordinal) || line.Contains("starting", StringComparison.Ordinal) || line.Contains('━', StringComparison.Ordinal) || line.Contains('─', StringComparison.Ordinal));
        string heading = Assert.Single(lines, static line => line.StartsWith("network  ", StringComparison.Ordinal) && line.Contains("test accuracy", StringComparison.Ordinal));
        Assert.Equal(width >= 160, heading.Contains("images/s", StringComparison.Ordinal));
        Assert.Single(lines, static line => line.StartsWith("Took: ", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Run_TerminalThatBecomesNarrower_KeepsNothingOfTheBar()
    {
        Skip.IfNot(Tmux.IsThere, "tmux is not installed");
        using var folder = new TestFolder();
        folder.Write("job.json", Job);
        await using Tmux terminal = await Tmux.StartAsync(folder.Path, 120, Command);

        await terminal.WaitFor(static line => line.Contains("network 1/2 · ", StringComparison.Ordinal));
        await terminal.Resize(50);
        await terminal.WaitFor(static line => line.StartsWith("END", StringComparison.Ordinal));

        Assert.DoesNotContain(await terminal.Lines(), static line => line.Contains("network 1/2", StringComparison.Ordinal) || line.Contains('━', StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData("", true)]
    [InlineData("export NO_COLOR=1\n", false)]
    public async Task Run_NoColor_DecidesWhetherThereAreColours(string before, bool coloured)
    {
        Skip.IfNot(Tmux.IsThere, "tmux is not installed");
        using var folder = new TestFolder();
        folder.Write("job.json", Job);
        await using Tmux terminal = await Tmux.StartAsync(folder.Path, 100, before + Command);

        await terminal.WaitFor(static line => line.StartsWith("END", StringComparison.Ordinal));

        Assert.Equal(coloured, (await terminal.Lines("-e")).Any(static line => line.Contains('\e', StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_Quiet_SaysNothingButItsResults()
    {
        using var folder = new TestFolder();
        folder.Write("job.json", """{"kind":"train","data":{"kind":"shapes","count":32,"size":8},"model":{"kind":"linear"},"epochs":2,"batchSize":8}""");

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json", "--quiet");

        Assert.Equal((0, string.Empty), (run.Status, run.Error));
        Assert.Contains($"\nRun: {Path.Combine("runs", "train-")}", run.Output, StringComparison.Ordinal);
    }
}
