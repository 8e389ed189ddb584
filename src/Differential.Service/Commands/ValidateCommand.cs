using System.CommandLine;
using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Reading;
using Differential.Service.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Commands;

/// <summary><c>differential validate</c>: reads job files and the data and models that they name, and runs nothing.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("jobs") { Description = "The job files.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("validate", "Reads and checks job files and what they name; runs nothing.") { files };
        command.SetAction((parsed, cancellationToken) =>
        {
            using IHost host = AppHost.Create(SharedOptions.Read(parsed));
            JobHandlers handlers = host.Services.GetRequiredService<JobHandlers>();
            int status = ExitCode.Done;
            foreach (string file in parsed.GetValue(files)!)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    JobFile job = JobReader.Read(file);
                    handlers.Prepare(job);
                    Console.Out.WriteLine($"{file}: a valid {job.Spec.Kind} job");
                }
                catch (InputException exception)
                {
                    Console.Error.WriteLine(exception.Message);
                    status = ExitCode.BadInput;
                }
            }

            return Task.FromResult(status);
        });
        return command;
    }
}
