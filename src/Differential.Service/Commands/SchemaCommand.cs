using System.CommandLine;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Schema;

namespace Differential.Service.Commands;

/// <summary><c>differential schema</c>: the JSON schema of job files.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Prints the JSON schema of job files, for editors.");
        command.SetAction(_ =>
        {
            Console.Out.WriteLine(JobSchema.Text());
            return ExitCode.Done;
        });
        return command;
    }
}
