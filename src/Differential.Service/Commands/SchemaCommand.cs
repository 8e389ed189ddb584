using System.CommandLine;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Schema;

namespace Differential.Service.Commands;

/// <summary><c>differential schema</c>: the JSON schema of job files, or their fields as a Markdown page.</summary>
internal static class SchemaCommand
{
    private static readonly Option<bool> Markdown = new("--markdown") { Description = "Prints the fields as a Markdown page, for people." };

    public static Command Create()
    {
        var command = new Command("schema", "Prints the JSON schema of job files, for editors.") { Markdown };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(Markdown))
            {
                Console.Out.Write(JobReference.Text());
            }
            else
            {
                Console.Out.WriteLine(JobSchema.Text());
            }

            return ExitCode.Done;
        });
        return command;
    }
}
