using System.CommandLine;
using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Commands;

/// <summary><c>differential cancel</c>: ends a queued or running job.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "The job's id, or the start of it that no other has; or the folder of a sweep that was handed in to Slurm." };
        id.CompletionSources.Add(JobIds.Complete);
        var command = new Command("cancel", "Takes a queued job out of the queue, or stops a running one at its next step.") { id, SharedOptions.Root };
        command.SetAction(parsed =>
        {
            if (parsed.GetResult(SharedOptions.Root) is null && parsed.GetValue(id) is { } folder && SweepFolder.IsMeant(folder))
            {
                return SweepCancellation.Cancel(folder, Console.Out);
            }

            ServiceRoot root = ServiceFolder.Find(parsed.GetValue(SharedOptions.Root));
            string job = JobIds.Resolve(root, parsed.GetValue(id)!);
            switch (Cancellation.Cancel(root, job))
            {
                case CancelOutcome.Cancelled:
                    Console.Out.WriteLine($"{job}: cancelled");
                    return ExitCode.Done;
                case CancelOutcome.Asked:
                    Console.Out.WriteLine($"{job}: stops at its next step");
                    return ExitCode.Done;
                case CancelOutcome.Ended:
                    throw new InputException(root.Path, job, $"a job that has ended ({new JobLookup(root).Find(job)?.State.ToText()})", "allowed: the id of a queued or running job");
                default:
                    throw new InputException(root.Path, job, "no such job", "allowed: an id that 'differential status' lists");
            }
        });
        return command;
    }
}
