namespace Differential.Service.Tests.Commands;

/// <summary>The examples as a fresh clone has them: beside no data and no runs.</summary>
public sealed class ExamplesTests
{
    [Fact]
    public async Task Validate_EachExample_IsValidInAFreshClone()
    {
        using var folder = new TestFolder();
        foreach (string part in (string[])["jobs", "models"])
        {
            Directory.CreateDirectory(folder.In($"clone/examples/{part}"));
            foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root, "examples", part)))
            {
                File.Copy(file, folder.In($"clone/examples/{part}/{Path.GetFileName(file)}"));
            }
        }

        string[] jobs = [.. Directory.GetFiles(folder.In("clone/examples/jobs")).Order(StringComparer.Ordinal)];
        ProgramRun run = await Executable.Run(folder.Path, ["validate", .. jobs]);

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(jobs.Length, run.Output.TrimEnd().Split('\n').Length);
        Assert.Equal(jobs.Count(static job => File.ReadAllText(job).Contains("\"source\"", StringComparison.Ordinal)), run.Error.Split('\n').Count(line => line.Contains("warning", StringComparison.Ordinal) && line.Contains("it can be had from", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_MissingDataWithASource_SaysWhereTheyCanBeHad()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.In("job.json"), """{ "kind": "train", "data": { "kind": "cifar10", "path": "none", "positive": 0, "negative": 7, "source": "the shelf" } }""");

        ProgramRun run = await Executable.Run(folder.Path, "run", "job.json");

        Assert.Equal(2, run.Status);
        Assert.Contains("there is no such folder; allowed: a folder with data_batch_1.bin and test_batch.bin; it can be had from the shelf", run.Error, StringComparison.Ordinal);
    }
}
