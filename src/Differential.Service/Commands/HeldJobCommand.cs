using System.CommandLine;
using System.Diagnostics;
using Differential.Core.Files;
using Differential.Service.Hosting;
using Differential.Service.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Commands;

/// <summary><c>differential held-job</c>: a job of a worker in a process of its own. The service starts it; it is not for people.</summary>
internal static class HeldJobCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var worker = new Argument<string>("worker") { Description = "The worker that holds the job." };
        var id = new Argument<string>("id") { Description = "The job's id." };
        var command = new Command("held-job", "Runs a job that a worker of the service holds, and says how it ended.")
        {
            worker, id, SharedOptions.Root, SharedOptions.Threads, SharedOptions.Device,
        };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellation) =>
        {
            string? path = parsed.GetValue(SharedOptions.Root);
            GlobalOptions options = SharedOptions.Read(parsed);
            using IHost host = AppHost.Create(options with { Device = null }, builder => Configure(builder, path));
            ServiceRoot root = host.Services.GetRequiredService<ServiceRoot>();
            string jobId = parsed.GetValue(id)!;
            var job = new ActiveJob(jobId, ServiceRoot.JobFile(root.WorkerFolder(parsed.GetValue(worker)!), jobId), root.RunFolder(jobId));
            PreferInShortage();
            using var signals = new Signals(job, cancellation);
            JobProcessReport report;
            try
            {
                report = new JobProcessReport { Outcome = await host.Services.GetRequiredService<IJobRunner>().RunAsync(job, options.Device, isAlone: false, signals) };
            }
#pragma warning disable CA1031 // whatever the job throws is the service's to judge
            catch (Exception exception)
#pragma warning restore CA1031
            {
                report = JobProcessReport.Of(exception);
            }

            await Console.Out.WriteLineAsync(report.ToLine());
            return ExitCode.Done;
        });
        return command;
    }

    private static void Configure(HostApplicationBuilder builder, string? path)
    {
        ServiceOptions options = ServiceSettings.Bind(builder.Configuration, path);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(new ServiceRoot(options.Root));
        builder.Services.AddSingleton<JobProcess>();
        builder.Services.AddSingleton<IJobRunner, QueuedJobRunner>();
    }

    // Where memory runs short the system is to end this process before the service's.
    private static void PreferInShortage()
    {
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "1000");
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            // Another system, or one that does not let it.
        }
    }

    /// <summary>Stops for a signal, the service's word, or where the job is no longer the worker's; ends at once where the service has ended.</summary>
    private sealed class Signals : IJobSignals, IDisposable
    {
        private readonly CancellationTokenSource _stop;
        private readonly ActiveJob _job;
        private readonly Timer _timer;

        public Signals(ActiveJob job, CancellationToken cancellation)
        {
            _job = job;
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            _timer = new Timer(_ => LookAtJob(), null, Look, Look);
            new Thread(Listen) { IsBackground = true }.Start();
        }

        public CancellationToken StopToken => _stop.Token;

        public bool IsCancelled => File.Exists(_job.CancelMarker);

        public void Dispose() => _timer.Dispose();

        private void LookAtJob()
        {
            if (!_job.IsHeld)
            {
                _stop.Cancel();
            }
        }

        private void Listen()
        {
            while (Console.In.ReadLine() is { } line)
            {
                if (line == JobProcess.Stop)
                {
                    _stop.Cancel();
                }
            }

            Process.GetCurrentProcess().Kill();
        }
    }
}
