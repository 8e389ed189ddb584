using System.CommandLine;
using System.CommandLine.Parsing;
using Differential.Core;
using Differential.Service.Hosting;

namespace Differential.Service.Commands;

/// <summary>The command line: parses, runs the command, turns what goes wrong into one line and an exit status.</summary>
internal static class CommandLine
{
    /// <summary>Every command; a new one is a class and a line here.</summary>
    private static IEnumerable<Command> Commands() =>
    [
        DemoCommand.Create(),
        RunCommand.Create(),
        ValidateCommand.Create(),
        DevicesCommand.Create(),
        SchemaCommand.Create(),
        ServeCommand.Create(),
        SubmitCommand.Create(),
        StatusCommand.Create(),
        CancelCommand.Create(),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        using var interruption = new Interruption();
        try
        {
            RootCommand root = new("Trains neural networks with the differential (pairwise-difference) loss and measures how hard they are to fool.");
            root.Options.Add(SharedOptions.LogFormat);
            foreach (Command command in Commands())
            {
                root.Subcommands.Add(command);
            }

            ParseResult parsed = root.Parse(args);
            if (parsed.Errors.Count > 0 || UnknownToken(parsed) is not null)
            {
                return WrongArguments(parsed);
            }

            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, interruption.Token).ConfigureAwait(false);
        }
        catch (InputException exception)
        {
            return Say(exception.Message, ExitCode.BadInput);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return Say("interrupted; the same command goes on from the checkpoint", ExitCode.Interrupted);
        }
        catch (Exception exception) when (exception is not (StackOverflowException or AccessViolationException))
        {
            return Say($"failed: {exception.Message}", ExitCode.Failed);
        }
    }

    private static int WrongArguments(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string help = command is RootCommand ? "differential --help" : $"differential {command.Name} --help";
        if (UnknownToken(parsed) is string unknown)
        {
            string allowed = command is RootCommand
                ? $"allowed: {string.Join(", ", command.Subcommands.Select(c => c.Name))} (see '{help}')"
                : $"allowed: what '{help}' lists";
            return Say($"arguments: '{unknown}': an unknown {(unknown.StartsWith('-') ? "option" : "command or argument")}; {allowed}", ExitCode.BadInput);
        }

        return Say($"arguments: {parsed.Errors[0].Message.TrimEnd('.').ReplaceLineEndings(" ")}; see '{help}'", ExitCode.BadInput);
    }

    /// <summary>What no command, option or argument takes; an option that is mistaken for a file counts.</summary>
    private static string? UnknownToken(ParseResult parsed) =>
        parsed.Tokens.FirstOrDefault(t => t.Type == TokenType.Argument && t.Value.StartsWith("--", StringComparison.Ordinal))?.Value
        ?? (parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null);

    private static int Say(string message, int status)
    {
        Console.Error.WriteLine(message.ReplaceLineEndings(" "));
        return status;
    }
}
