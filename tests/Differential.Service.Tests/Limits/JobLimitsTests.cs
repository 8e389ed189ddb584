using System.Text;
using Differential.Core;
using Differential.Core.Data;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Reading;
using Differential.Service.Kinds;
using Differential.Service.Runs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Differential.Service.Tests.Limits;

public sealed class JobLimitsTests
{
    private const string Data = """ "data": { "kind": "shapes", "count": 16, "size": 8 } """;

    [Theory]
    [InlineData("""{ "kind": "train", DATA, "model": { "kind": "network", "layers": [{ "kind": "dense", "units": 1000000000000 }] } }""", "$.model.layers[0].units: the number 1000000000000")]
    [InlineData("""{ "kind": "train", DATA, "model": { "kind": "network", "layers": [{ "kind": "conv", "filters": 1000000000000 }] } }""", "$.model.layers[0].filters: the number 1000000000000")]
    [InlineData("""{ "kind": "train", DATA, "epochs": 1000000000000 }""", "$.epochs: the number 1000000000000")]
    [InlineData("""{ "kind": "train", DATA, "batchSize": 1e12 }""", "$.batchSize: the number 1e12")]
    [InlineData("""{ "kind": "train", "data": { "kind": "shapes", "count": 1000000000000 } }""", "$.data.count: the number 1000000000000")]
    [InlineData("""{ "kind": "train", "data": { "kind": "affine", "free": 1000000000000 } }""", "$.data.free: the number 1000000000000")]
    [InlineData("""{ "kind": "train", DATA, "model": { "kind": "network", "layers": [{ "kind": "dense", "units": 1000000 }, { "kind": "dense", "units": 1000000 }, { "kind": "dense", "units": 1 }] } }""", "$.model.layers[1]: the weights would have 1000000000000 elements")]
    [InlineData("""{ "kind": "train", DATA, "model": { "kind": "network", "layers": [{ "kind": "dense", "units": 1000000 }, { "kind": "dense", "units": 100 }, { "kind": "dense", "units": 1 }] } }""", "$.model: a network of 293000201 weights and biases")]
    [InlineData("""{ "kind": "train", "data": { "kind": "shapes", "count": 1000000, "size": 256 } }""", "$.data.count: ")]
    public void Prepare_JobOfHugeSizes_IsRefusedBeforeMemoryIsTouched(string job, string message)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();

        InputException refused = Assert.Throws<InputException>(() => Prepare(job, maxMemory: 0));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    [Theory]
    [InlineData("""{ "kind": "train", "data": { "kind": "shapes", "count": 1000, "size": 64 } }""", "$.data.count: 15360000 bytes of memory at least for the data")]
    [InlineData("""{ "kind": "train", "data": { "kind": "shapes", "count": 64, "size": 16 } }""", "bytes of memory at least for the data, the network and the activations of 64 samples")]
    public void Prepare_JobBeyondTheMemoryLimit_IsRefused(string job, string message)
    {
        InputException refused = Assert.Throws<InputException>(() => Prepare(job, maxMemory: 4 << 20));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Limits:MaxMemoryBytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_JobWithinTheLimits_IsTaken() => Prepare($$"""{ "kind": "train", {{Data}}, "model": { "kind": "linear" } }""", maxMemory: 4 << 20);

    [Theory]
    [InlineData("Limits:MaxParameters", "0")]
    [InlineData("Limits:MaxMemoryBytes", "-1")]
    public void Settings_LimitOutOfRange_IsRefused(string name, string value)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [name] = value }).Build();

        Assert.Contains(name, Assert.Throws<InputException>(() => AppSettings.Of(configuration)).Message, StringComparison.Ordinal);
    }

    private static void Prepare(string job, long maxMemory)
    {
        ServiceCollection services = new();
        services.AddSingleton(new JobLimits(new LimitOptions { MaxMemoryBytes = maxMemory }));
        services.AddJobKinds();
        using ServiceProvider provider = services.BuildServiceProvider();
        JobFile file = JobReader.Parse(Encoding.UTF8.GetBytes(job.Replace("DATA", Data, StringComparison.Ordinal)), "job.json", new PathPolicy("/"));
        provider.GetRequiredService<JobHandlers>().Prepare(file);
    }
}
