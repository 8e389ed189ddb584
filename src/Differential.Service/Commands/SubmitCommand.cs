using System.CommandLine;
using System.Text.Json;
using Differential.Core;
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
        var create = new Option<bool>("--create") { Description = "Makes the service's folder where it is not there; it is refused otherwise." };
        var command = new Command("submit", "Checks a job file, hands it in durably and atomically, and prints its id.") { file, SharedOptions.Root, create };
        command.SetAction(parsed =>
        {
            ServiceOptions settings = ServiceSettings.Read(SharedOptions.Read(parsed), parsed.GetValue(SharedOptions.Root));
            JobFile job = JobReader.Read(parsed.GetValue(file)!, settings.AllowedRoots);
            var root = new ServiceRoot(settings.Root);
            if (parsed.GetValue(create))
            {
                Make(root);
            }
            else if (!Directory.Exists(root.Incoming))
            {
                throw new InputException(settings.Root, string.Empty, "no service's folder (it has no incoming/)", "allowed: the --root of differential serve; --create makes a new one");
            }

            Console.Out.WriteLine(Submit(root, job));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Puts a job into <c>incoming/</c> with its paths made absolute, on disk when this returns.</summary>
    /// <returns>The job's id.</returns>
    /// <exception cref="InputException">The folder can't be written, or the service could not read the job there.</exception>
    public static string Submit(ServiceRoot root, JobFile job)
    {
        string id = $"{JobId.From(job.Spec.Name ?? Path.GetFileNameWithoutExtension(job.File))}-{Guid.NewGuid().ToString("N")[..8]}";
        HandIn.Write(root, id, JsonSerializer.Serialize(job.Spec, JobJson.Options) + "\n");
        return id;
    }

    private static void Make(ServiceRoot root)
    {
        try
        {
            root.Create();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(root.Path, string.Empty, $"the service's folder can't be made ({exception.Message.TrimEnd('.')})", "allowed: a folder that can be written");
        }
    }
}
