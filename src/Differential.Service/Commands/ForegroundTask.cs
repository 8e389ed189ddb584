using Differential.Core;
using Differential.Service.Cluster;
using Differential.Service.Hosting;
using Differential.Service.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Commands;

/// <summary>Runs one job of a frozen sweep in the foreground.</summary>
internal static class ForegroundTask
{
    /// <param name="options">The command line's options for the host.</param>
    /// <param name="folder">The sweep's.</param>
    /// <param name="task">The job's number.</param>
    /// <param name="settings">How it runs.</param>
    /// <param name="cancellation">Cancelled by Ctrl-C and SIGTERM.</param>
    public static int Run(GlobalOptions options, string folder, int task, TaskSettings settings, CancellationToken cancellation)
    {
        if (options.Device is not null)
        {
            throw new InputException("arguments", "--device", $"'{options.Device}' beside --task", "allowed: the device that the sweep was frozen with");
        }

        // A variable that names a device for other jobs names none for this one.
        using IHost host = AppHost.Create(options);
        FrozenSweep sweep = FrozenSweep.Open(folder);
        int number = SweepFolder.CheckTask(sweep, task);
        var runner = new TaskRunner(host.Services.GetRequiredService<JobRunner>(), host.Services.GetRequiredService<TimeProvider>(), host.Services.GetRequiredService<Serilog.ILogger>());
        JobReport? report = TerminalProgress.Run(
            host.Services.GetRequiredService<ConsoleLevel>(),
            host.Services.GetRequiredService<AppSettings>().LogFormat == LogFormat.Text,
            observer => runner.Run(sweep, number, settings, observer, cancellation));
        if (report is null)
        {
            Console.Out.WriteLine($"Job {number} has ended already.");
        }
        else
        {
            report.Outcome.WriteTables(Console.Out);
            Console.Out.WriteLine();
        }

        Console.Out.WriteLine($"Run: {sweep.TaskFolder(number)}");
        return ExitCode.Done;
    }
}
