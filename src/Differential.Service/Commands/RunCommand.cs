using System.CommandLine;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Commands;

/// <summary><c>differential run</c>: one job in the foreground.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("job") { Description = "The job file." };
        var command = new Command("run", "Runs one job in the foreground; the same command goes on after an interruption. A job that has finished runs again from the start, and its earlier result is kept beside the new one, as result.previous.json.")
        {
            file, SharedOptions.Device, SharedOptions.Threads, SharedOptions.Output, SharedOptions.Fresh,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(ForegroundJob.Run(
            SharedOptions.Read(parsed),
            () => JobReader.Read(parsed.GetValue(file)!),
            parsed.GetValue(SharedOptions.Output),
            parsed.GetValue(SharedOptions.Fresh),
            cancellation)));
        return command;
    }
}
