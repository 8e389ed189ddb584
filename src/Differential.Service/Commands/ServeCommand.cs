using System.CommandLine;
using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Observability;
using Differential.Service.Queue;
using Differential.Service.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Commands;

/// <summary><c>differential serve</c>: the background service.</summary>
internal static class ServeCommand
{
    private static readonly Option<bool> UntilEmpty = new("--until-empty")
    {
        Description = "Ends with 0 once nothing is left that could run, here or at another worker of the same root.",
    };

    public static Command Create()
    {
        var command = new Command("serve", "Runs the job files that appear in ROOT/incoming until it is stopped; what was interrupted goes on at the next start.")
        {
            SharedOptions.Root, SharedOptions.Threads, UntilEmpty,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string? root = parsed.GetValue(SharedOptions.Root);
            bool untilEmpty = parsed.GetValue(UntilEmpty);
            using IHost host = AppHost.Create(SharedOptions.Read(parsed), builder => Configure(builder, root, untilEmpty), configuration => LogFileOf(ServiceSettings.Bind(configuration, root)));
            // Its gauges are measured whether or not there is a page.
            host.Services.GetRequiredService<StateFeed>();
            await host.StartAsync(CancellationToken.None);
            IHostApplicationLifetime lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
            using CancellationTokenRegistration signal = cancellation.Register(lifetime.StopApplication);
            await Task.Delay(Timeout.Infinite, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await host.StopAsync(CancellationToken.None);
            return host.Services.GetService<EmptyRoot>() is { IsReached: true } ? ExitCode.Done : cancellation.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Failed;
        });
        return command;
    }

    private static LogFile? LogFileOf(ServiceOptions options) => options.LogFile.Enabled
        ? new LogFile(options.LogFile, options.LogFile.Folder ?? Path.Combine(options.Root, "logs"))
        : null;

    private static void Configure(HostApplicationBuilder builder, string? path, bool untilEmpty)
    {
        ServiceOptions options = ServiceSettings.Bind(builder.Configuration, path);
        var root = new ServiceRoot(options.Root);
        string? apart;
        try
        {
            root.Create();
            apart = root.OnAnotherVolume();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(options.Root, string.Empty, $"the service's folder can't be made ({exception.Message.TrimEnd('.')})", "allowed: a folder that can be written");
        }

        if (apart is not null)
        {
            throw new InputException(options.Root, Path.GetFileName(apart) + "/", "a folder on another volume than the root", "a root whose folders all lie on one volume, so that a job moves as a whole");
        }

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(root);
        builder.Services.AddSingleton(services => new Troubles(services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<JobProcess>();
        builder.Services.AddSingleton<IJobRunner, QueuedJobRunner>();
        builder.Services.AddSingleton(services => QueueIndexes.Incoming(root, options.Queue, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<EndedIndex>();
        builder.Services.AddHostedService<IndexService>();
        builder.Services.AddSingleton<LoopPulse>();
        builder.Services.AddSingleton<IHostedService>(services => new SystemdNotifier(
            SystemdSocket.Of(Environment.GetEnvironmentVariable), services.GetRequiredService<LoopPulse>(), services.GetRequiredService<TimeProvider>()));

        // The page is up before the first job is taken, so that an address in use ends the start and no job.
        builder.Services.AddSingleton<StateFeed>();
        builder.Services.AddSingleton(services => new GpuMeter(services.GetRequiredService<ServiceMeter>(), services.GetRequiredService<NvmlLibrary>().Library));
        builder.Services.AddWebPage(options.Http);
        builder.Services.AddSingleton(services => new Notifier(
            options.Notify, root, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<Notifier>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<Notifier>());
        builder.Services.AddHostedService<RetentionService>();
        builder.Services.AddHostedService<QueueService>();
        if (untilEmpty)
        {
            builder.Services.AddSingleton<EmptyRoot>();
        }

        // The jobs have ShutdownTimeout; the host gives the loop a little more to move them.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout + TimeSpan.FromSeconds(10));
    }
}
