using System.Text;
using System.Text.Json.Nodes;
using Differential.Core.Data;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Reading;
using Differential.Service.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Tests.Runs;

/// <summary>Runs jobs within the test's process.</summary>
internal static class TestJobs
{
    public static JobFile Parse(string text, string folder) => JobReader.Parse(Encoding.UTF8.GetBytes(text), "job.json", new PathPolicy(folder));

    public static JobReport Run(JobFile job, string folder, JobObserver? observer = null, bool fresh = false, CancellationToken cancellation = default)
    {
        using IHost host = AppHost.Create(new GlobalOptions { Threads = 2 });
        host.Services.GetRequiredService<ConsoleLevel>().OnlyWarnings();
        return host.Services.GetRequiredService<JobRunner>().Run(
            new JobRequest { Job = job, Folder = folder, Fresh = fresh }, observer ?? new CompositeObserver(), cancellation);
    }

    /// <summary>Does something with a runner of jobs, and its log.</summary>
    public static T With<T>(Func<JobRunner, Serilog.ILogger, T> work)
    {
        using IHost host = AppHost.Create(new GlobalOptions { Threads = 2 });
        host.Services.GetRequiredService<ConsoleLevel>().OnlyWarnings();
        return work(host.Services.GetRequiredService<JobRunner>(), host.Services.GetRequiredService<Serilog.ILogger>());
    }

    /// <summary>A run's result without what differs from one run to the next: times.</summary>
    public static string Result(string folder)
    {
        JsonNode result = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "result.json")))!;
        Strip(result);
        return result.ToJsonString();
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject fields)
        {
            foreach (string name in (string[])["started", "finished", "seconds", "imagesPerSecond", "resources"])
            {
                fields.Remove(name);
            }

            foreach ((_, JsonNode? value) in fields)
            {
                Strip(value);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (JsonNode? value in list)
            {
                Strip(value);
            }
        }
    }
}
