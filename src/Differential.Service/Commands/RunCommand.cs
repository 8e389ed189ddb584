using System.CommandLine;
using Differential.Core;
using Differential.Service.Cluster;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Commands;

/// <summary><c>differential run</c>: one job in the foreground.</summary>
internal static class RunCommand
{
    private const int LongestWait = 7 * 24 * 60 * 60;

    public static Command Create()
    {
        var file = new Argument<string>("job") { Description = "The job file; with --task the folder of a frozen sweep." };
        Option<int?> task = WholeNumber.Any<int>("--task", "Runs one job of a frozen sweep, by its number from 1.");
        Option<int?> wait = WholeNumber.Between(
            "--wait", $"With --task: how many seconds to wait for a process that holds the job, before the exit status 75; {(int)TaskSettings.DefaultPatience.TotalSeconds} by default.", 0, LongestWait);
        var command = new Command("run", "Runs one job in the foreground; the same command goes on after an interruption. A job that has finished runs again from the start, and its earlier result is kept beside the new one, as result.previous.json.")
        {
            file, SharedOptions.Device, SharedOptions.Threads, SharedOptions.Output, SharedOptions.Fresh, SharedOptions.Exact, task, wait,
        };
        command.SetAction((parsed, cancellation) =>
        {
            string job = parsed.GetValue(file)!;
            bool fresh = parsed.GetValue(SharedOptions.Fresh);
            bool exact = parsed.GetValue(SharedOptions.Exact);
            string? output = parsed.GetValue(SharedOptions.Output);
            if (parsed.GetValue(task) is { } number)
            {
                if (output is not null)
                {
                    throw new InputException("arguments", "--output", $"'{output}' beside --task", "allowed: none; a sweep's jobs lie in its own folder");
                }

                var settings = new TaskSettings { Fresh = fresh, Exact = exact, Patience = parsed.GetValue(wait) is { } seconds ? TimeSpan.FromSeconds(seconds) : TaskSettings.DefaultPatience };
                return Task.FromResult(ForegroundTask.Run(SharedOptions.Read(parsed), job, number, settings, cancellation));
            }

            if (Directory.Exists(job) && FrozenSweep.IsAt(job))
            {
                throw new InputException("arguments", "job", $"'{job}', the folder of a run", "allowed: a job file, or --task with the number of one of a frozen sweep's jobs");
            }

            return Task.FromResult(ForegroundJob.Run(SharedOptions.Read(parsed), () => JobReader.Read(job), new ForegroundSettings(output, fresh, exact), cancellation));
        });
        return command;
    }
}
