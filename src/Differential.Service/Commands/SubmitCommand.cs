using System.CommandLine;
using Differential.Core;
using Differential.Service.Hosting;
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
            ServiceOptions settings = ServiceSettings.Read(parsed.GetValue(SharedOptions.Root));
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

            Console.Out.WriteLine(HandIn.Submit(root, job));
            return ExitCode.Done;
        });
        return command;
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
