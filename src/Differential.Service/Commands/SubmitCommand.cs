using System.CommandLine;
using System.Text.Json;
using Differential.Core;
using Differential.Core.Files;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Queue;

namespace Differential.Service.Commands;

/// <summary><c>differential submit</c>: hands a job in.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("job") { Description = "The job file." };
        var command = new Command("submit", "Checks a job file, hands it in durably and atomically, and prints its id.") { file, SharedOptions.Root };
        command.SetAction(parsed =>
        {
            ServiceOptions settings = ServiceSettings.Read(SharedOptions.Read(parsed), parsed.GetValue(SharedOptions.Root));
            JobFile job = JobReader.Read(parsed.GetValue(file)!, settings.AllowedRoots);
            Console.Out.WriteLine(Submit(new ServiceRoot(settings.Root), job));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Puts a job into <c>incoming/</c> with its paths made absolute, on disk when this returns.</summary>
    /// <returns>The job's id.</returns>
    /// <exception cref="InputException">The folder can't be written.</exception>
    public static string Submit(ServiceRoot root, JobFile job)
    {
        string id = $"{JobId.From(job.Spec.Name ?? Path.GetFileNameWithoutExtension(job.File))}-{Guid.NewGuid().ToString("N")[..8]}";
        try
        {
            root.Create();
            DurableFile.WriteText(ServiceRoot.JobFile(root.Incoming, id), JsonSerializer.Serialize(job.Spec, JobJson.Options) + "\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(root.Incoming, string.Empty, $"the job can't be handed in ({exception.Message.TrimEnd('.')})", "allowed: a folder with room that can be written");
        }

        return id;
    }
}
