using System.CommandLine;
using System.Globalization;
using Differential.Service.Hosting;
using Differential.Service.Queue;

namespace Differential.Service.Commands;

/// <summary><c>differential health</c>: whether the queue's loop of a service on this machine turns, for containers and supervisors.</summary>
internal static class HealthCommand
{
    private const int Patience = 60;

    public static Command Create()
    {
        var within = new Option<double>("--within") { Description = "How many seconds ago the loop must have turned; 60 by default.", DefaultValueFactory = _ => Patience };
        within.Validators.Add(result =>
        {
            if (result.Tokens.Count != 1)
            {
                return;
            }

            bool isNumber = double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double seconds);
            if (seconds is not (> 0 and <= 86_400))
            {
                result.AddError($"{(isNumber ? "the number " + result.Tokens[0].Value : $"'{result.Tokens[0].Value}'")}; allowed: a number of seconds, more than 0, at most 86400");
            }
        });
        var command = new Command("health", "Ends with 0 where the queue's loop of a service of this root turns on this machine, with 1 where it stands still or none lives.")
        {
            SharedOptions.Root, within,
        };
        command.SetAction(parsed =>
        {
            ServiceRoot root = ServiceFolder.Find(parsed.GetValue(SharedOptions.Root));
            if (PulseFile.Youngest(root) is not { } age)
            {
                Console.Out.WriteLine("no service lives here");
                return ExitCode.Failed;
            }

            bool turns = age <= TimeSpan.FromSeconds(parsed.GetValue(within));
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(turns ? "ok" : "the queue's loop stands still")}: it turned {age.TotalSeconds:0.0} s ago"));
            return turns ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
