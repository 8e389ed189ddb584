using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Runs;
using Differential.Service.Tests.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Tests.Limits;

/// <summary>Jobs on a device with little memory: one line with what would fit, before the first step.</summary>
public sealed class DeviceMemoryTests
{
    private const string Data = """ "device":"simd","data":{"kind":"shapes","count":48,"size":8},"model":{"kind":"network","layers":[{"kind":"conv","filters":16,"padding":1},{"kind":"relu"},{"kind":"dense","units":1}]} """;

    private const string Attacks = """ "attacks":[{"kind":"pgd","norm":"l2","epsilons":[0.25,1],"steps":3},{"kind":"deepFool","steps":4}] """;

    [Theory]
    [InlineData("""{"kind":"train",DATA,"epochs":1,"batchSize":32}""", "$.batchSize", "a batch of at most ")]
    [InlineData("""{"kind":"train",DATA,"epochs":1,"batchSize":32,"optimizer":{"kind":"normalizedGradient"}}""", "$.model", "a smaller network, fewer samples or a device with more memory")]
    [InlineData("""{"kind":"compare",DATA,"epochs":1,"batchSize":32,ATTACKS}""", "$.batchSize", "a batch of at most ")]
    [InlineData("""{"kind":"compare",DATA,"epochs":1,"entries":[{"name":"a","model":{"kind":"linear"}},{"name":"b","batchSize":32}],"batchSize":2,ATTACKS}""", "$.entries[1].batchSize", "a batch of at most ")]
    public void Run_TooLittleDeviceMemory_IsAMistakeOfTheJob(string job, string place, string allowed)
    {
        using var folder = new TestFolder();

        InputException refused = Assert.Throws<InputException>(() => Run(job, folder, 150_000));

        Assert.Equal(("job.json", place), (refused.File, refused.Place));
        Assert.Matches("^the training( in batches of 32)? needs [0-9,]+ bytes of the memory of simd, which has 150,000 for it$", refused.Found);
        Assert.StartsWith(allowed, refused.Allowed, StringComparison.Ordinal);
        Assert.Contains(refused.Found, File.ReadAllText(folder.In("run/result.json")), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.In("run/metrics.jsonl")));
    }

    [Fact]
    public void Compare_LittleDeviceMemory_AttacksInSmallerBatchesAndFindsTheSame()
    {
        using var folder = new TestFolder();
        const string Job = """{"kind":"compare",DATA,"epochs":2,"batchSize":4,"limit":40,ATTACKS}""";
        Run(Job, folder, 0);
        string whole = TestJobs.Result(folder.In("run"));
        using var observer = new CancelAfter(null);

        Run(Job.Replace("\"limit\"", "\"name\":\"compare\",\"limit\"", StringComparison.Ordinal), folder, 300_000, observer, "little");

        Assert.Contains(observer.Messages, m => m.Contains("Attacks run in batches of", StringComparison.Ordinal));
        Assert.Equal(WithoutId(whole), WithoutId(TestJobs.Result(folder.In("little"))));
    }

    private static string WithoutId(string result) => System.Text.RegularExpressions.Regex.Replace(result, "\"id\":\"[0-9a-f]+\"", string.Empty);

    private static JobReport Run(string job, TestFolder folder, long memory, JobObserver? observer = null, string run = "run")
    {
        string text = job.Replace("DATA", Data, StringComparison.Ordinal).Replace("ATTACKS", Attacks, StringComparison.Ordinal);
        var settings = new AppSettings { Threads = 2, Limits = new LimitOptions { MaxDeviceMemoryBytes = memory } };
        using IHost host = AppHost.Create(new GlobalOptions(), builder => builder.Services.AddSingleton(settings));
        host.Services.GetRequiredService<ConsoleLevel>().OnlyWarnings();
        return host.Services.GetRequiredService<JobRunner>().Run(
            new JobRequest { Job = TestJobs.Parse(text, folder.Path), Folder = folder.In(run) }, observer ?? new CompositeObserver(), CancellationToken.None);
    }
}
