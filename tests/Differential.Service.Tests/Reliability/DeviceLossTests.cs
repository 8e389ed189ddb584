using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Differential.Kernels.Devices;
using Differential.Service.Hosting;
using Differential.Service.Observability;
using Differential.Service.Queue;
using Differential.Service.Runs;
using Differential.Service.Tests.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Tests.Reliability;

/// <summary>A device that is lost in the middle of a job: that job fails in one line, the next has a fresh device, and the first goes on once it is handed in again.</summary>
public sealed class DeviceLossTests
{
    private const string Error = "CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered";

    private const string Job = """{"kind":"train","device":"ilgpu-cpu","data":{"kind":"affine","free":2,"constant":2,"points":4},"model":{"kind":"linear"},"epochs":EPOCHS,"batchSize":4}""";

    [Fact]
    public async Task Serve_DriverFailsInAJob_FailsItAloneAndItGoesOnWhenHandedInAgain()
    {
        using var folder = new QueueFolder();
        using var devices = new FailingDevices(folder);
        DateTime noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        folder.Drop("first.json", Job.Replace("EPOCHS", "20", StringComparison.Ordinal), noon);
        folder.Drop("second.json", Job.Replace("EPOCHS", "2", StringComparison.Ordinal), noon.AddMinutes(1));
        devices.FailAfterACheckpointOf("first");

        await ServeAsync(folder, devices, () => Ended(folder) == 2);

        JobError error = JobError.Read(folder.Root, "first")!;
        Assert.Matches($"^ilgpu-cpu \\(.+\\) failed while .+: {Error}$", error.Message);
        Assert.Equal(error.Message, (string)JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Root.RunFolder("first"), "result.json")))!["error"]!);
        Assert.True(File.Exists(ServiceRoot.JobFile(folder.Root.Done, "second")));
        Assert.Equal(2, devices.Opened);
        Assert.NotEmpty(Checkpoints(folder, "first"));
        (string text, bool stack) = Assert.Single(devices.Log.Errors);
        Assert.Equal($"Job first failed: {error.Message}", text);
        Assert.False(stack, "the log has a stack trace");

        int epochsBefore = Lines(folder, "first");
        Assert.InRange(epochsBefore, 1, 19);
        File.Move(ServiceRoot.JobFile(folder.Root.Failed, "first"), Path.Combine(folder.Root.Incoming, "first.json"));
        await ServeAsync(folder, devices, () => Ended(folder) == 2);

        Assert.True(File.Exists(ServiceRoot.JobFile(folder.Root.Done, "first")));
        Assert.False(File.Exists(folder.Root.ErrorFile("first")));
        Assert.Equal(20, Lines(folder, "first"));
        Assert.Contains("\"State\":\"resumed\"", File.ReadAllText(Path.Combine(folder.Root.RunFolder("first"), "log.jsonl")), StringComparison.Ordinal);
        Assert.Contains("goes on in epoch", File.ReadAllText(Path.Combine(folder.Root.RunFolder("first"), "log.jsonl")), StringComparison.Ordinal);
        Assert.Equal(3, devices.Opened);
    }

    private static int Lines(QueueFolder folder, string id) => File.ReadAllLines(Path.Combine(folder.Root.RunFolder(id), "metrics.jsonl")).Length;

    private static string[] Checkpoints(QueueFolder folder, string id) => Directory.GetFiles(Path.Combine(folder.Root.RunFolder(id), "checkpoint"), "*.bin");

    private static int Ended(QueueFolder folder) =>
        new[] { folder.Root.Done, folder.Root.Failed }.Sum(f => Directory.GetFiles(f, "*.json").Length);

    private static async Task ServeAsync(QueueFolder folder, FailingDevices devices, Func<bool> until)
    {
        var options = new ServiceOptions { Root = folder.Root.Path };
        options.Queue.RescanInterval = TimeSpan.FromMilliseconds(200);
        options.Queue.MinimumFreeBytes = 0;
        var runner = new QueuedJobRunner(
            devices.Services.GetRequiredService<JobRunner>(), new JobProcess(folder.Root, new AppSettings()), folder.Root, options, devices.Services.GetRequiredService<ServiceMeter>(), devices.Services.GetRequiredService<LiveJobs>(), TimeProvider.System);
        using var service = new QueueService(folder.Root, options, runner, TimeProvider.System, devices.Log);
        await service.StartAsync(CancellationToken.None);
        var patience = Stopwatch.StartNew();
        while (!until())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(5), "the jobs did not end in time");
            await Task.Delay(50);
        }

        await service.StopAsync(CancellationToken.None);
    }

    /// <summary>A host whose first device fails each call of its driver once the job on it has written a checkpoint.</summary>
    private sealed class FailingDevices : IDisposable
    {
        private readonly QueueFolder _folder;
        private readonly IHost _host;
        private string? _victim;

        public FailingDevices(QueueFolder folder)
        {
            _folder = folder;
            _host = AppHost.Create(new GlobalOptions { Threads = 1 }, builder => builder.Services.AddSingleton<OpenDevice>((info, options) =>
            {
                bool fails = Interlocked.Increment(ref _opened) == 1;
                return DeviceCatalog.Open(info, options with { DriverFault = _ => fails ? Fault() : null });
            }));
            _host.Services.GetRequiredService<ConsoleLevel>().OnlyWarnings();
        }

        private int _opened;

        public int Opened => _opened;

        public IServiceProvider Services => _host.Services;

        public ErrorLog Log { get; } = new();

        public void FailAfterACheckpointOf(string job) => _victim = job;

        public void Dispose() => _host.Dispose();

        /// <summary>Calls take their time until an epoch is done, of twenty: however fast the machine, the job is not over by then.</summary>
        private string? Fault()
        {
            if (_victim is null || File.Exists(Path.Combine(_folder.Root.RunFolder(_victim), "metrics.jsonl")))
            {
                return _victim is null ? null : Error;
            }

            Thread.Sleep(5);
            return null;
        }
    }

    /// <summary>What the queue logs as errors, and whether with a stack trace.</summary>
    private sealed class ErrorLog : ILogger<QueueService>
    {
        public ConcurrentQueue<(string Text, bool HasStack)> Errors { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                Errors.Enqueue((formatter(state, exception), exception is not null));
            }
        }
    }
}
