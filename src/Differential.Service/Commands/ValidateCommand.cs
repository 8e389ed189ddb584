using System.CommandLine;
using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
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
            DeviceOpener devices = host.Services.GetRequiredService<DeviceOpener>();
            string? device = host.Services.GetRequiredService<AppSettings>().Device;
            int status = ExitCode.Done;
            foreach (string file in parsed.GetValue(files)!)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!Validate(file, handlers, spec => DeviceWarning(devices, device ?? spec.Device, spec, file)))
                {
                    status = ExitCode.BadInput;
                }
            }

            return Task.FromResult(status);
        });
        return command;
    }

    /// <summary>Says every mistake of a file, or that there is none.</summary>
    private static bool Validate(string file, JobHandlers handlers, Func<JobSpec, string?> deviceWarning)
    {
        JobFile? job = JobReader.Check(file, out IReadOnlyList<InputException> mistakes);
        foreach (string warning in job?.Warnings ?? [])
        {
            Console.Error.WriteLine(warning);
        }

        if (job?.Spec.Samples is { AvailableFrom: { } source } data && data.FirstMissing() is ({ } field, { } path))
        {
            Console.Error.WriteLine($"{file}: {(job.Spec is SweepSpec ? $"$.job{field[1..]}" : field)}: warning: {path}: it is not there, so only the job file was checked; it can be had from {source}");
        }
        else if (job is not null)
        {
            mistakes = handlers.Mistakes(job);
        }

        foreach (InputException mistake in mistakes)
        {
            Console.Error.WriteLine(mistake.Message);
        }

        if (mistakes.Count > 0)
        {
            return false;
        }

        if (deviceWarning(job!.Spec) is { } elsewhere)
        {
            Console.Error.WriteLine(elsewhere);
        }

        Console.Out.WriteLine($"{file}: a valid {job.Spec.Kind} job");
        return true;
    }

    /// <summary>What keeps a job from running on this machine; on the one where it will run there may be another device.</summary>
    private static string? DeviceWarning(DeviceOpener devices, string device, JobSpec spec, string file)
    {
        try
        {
            DeviceOpener.CheckPrecision(devices.Find(device, file, "$.device"), spec.Precision, file);
            return null;
        }
        catch (InputException mistake)
        {
            return new InputException(mistake.File, mistake.Place, $"warning: on this machine, {mistake.Found}", mistake.Allowed).Message;
        }
    }
}
