using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Rules;
using Differential.Service.Runs;

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
        ExportCommand.Create(),
        PredictCommand.Create(),
        AttackCommand.Create(),
        ServeCommand.Create(),
        SubmitCommand.Create(),
        StatusCommand.Create(),
        CancelCommand.Create(),
        RunsCommand.Create(),
        CompletionCommand.Create(),
        SlurmCommand.Create(),
        CollectCommand.Create(),
        HealthCommand.Create(),
        HeldJobCommand.Create(),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        Console.SetOut(new CheckedOutput(Console.Out));
        Console.SetError(new LenientError(Console.Error));
        using var interruption = new Interruption();
        try
        {
            RootCommand root = new("Trains neural networks with the differential (pairwise-difference) loss and measures how hard they are to fool.");
            root.Options.Add(SharedOptions.LogFormat);
            root.Options.Add(SharedOptions.Quiet);
            foreach (Command command in Commands())
            {
                root.Subcommands.Add(command);
            }

            ParseResult parsed = root.Parse(args);
            if (args is [['[', ..], ..] && parsed.GetResult(root.Directives.OfType<SuggestDirective>().Single()) is not null)
            {
                return await parsed.InvokeAsync(new InvocationConfiguration(), interruption.Token).ConfigureAwait(false);
            }

            if (parsed.Errors.Count > 0 || UnknownToken(parsed) is not null)
            {
                return WrongArguments(parsed);
            }

            if (EmptyValue(parsed) is { } empty)
            {
                return Say($"arguments: {empty}: an empty text; allowed: one with characters", ExitCode.BadInput);
            }

            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, interruption.Token).ConfigureAwait(false);
        }
        catch (InputException exception)
        {
            return Say(exception.Message, ExitCode.BadInput);
        }
        catch (FolderHeldException exception)
        {
            return Say(exception.Message, ExitCode.Held);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return Say("interrupted; the same command goes on from the checkpoint", ExitCode.Interrupted);
        }
        catch (OutputException exception)
        {
            return Say(exception.Message, ExitCode.Failed);
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
            string[] commands = [.. command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)];
            string allowed = command is RootCommand ? $"allowed: {string.Join(", ", commands)} (see '{help}')" : $"allowed: what '{help}' lists";
            bool isOption = unknown.StartsWith('-');
            string meant = Suggestion.For(unknown, isOption ? command.Options.Concat(parsed.RootCommandResult.Command.Options).Where(o => !o.Hidden).Select(o => o.Name) : commands);
            return Say($"arguments: '{unknown}': an unknown {(isOption ? "option" : "command or argument")}{meant}; {allowed}", ExitCode.BadInput);
        }

        (string place, string found) = Mistake(parsed, parsed.Errors.FirstOrDefault(static e => IsOurs(e.Message)) ?? parsed.Errors[0]);
        string names = string.Join(", ", command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name));
        return Say(
            IsOurs(found) ? $"arguments: {place}: {found}"
            : place == "command" ? $"arguments: {place}: {found}; allowed: {names} (see '{help}')"
            : $"arguments: {place}: {found}; allowed: what '{help}' lists",
            ExitCode.BadInput);
    }

    /// <summary>Where a parser's error lies, and what was found there; a check of ours says so itself, with what is allowed.</summary>
    private static (string Place, string Found) Mistake(ParseResult parsed, ParseError error)
    {
        Command command = parsed.CommandResult.Command;
        if (command is RootCommand && parsed.Tokens.All(t => t.Type != TokenType.Option))
        {
            return ("command", "none given");
        }

        Argument? missing = command.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(a) is not { Tokens.Count: > 0 });
        OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        if (option is null)
        {
            return missing is not null ? (missing.Name, "none given")
                : command is RootCommand ? ("command", "none given")
                : (command.Name, error.Message.TrimEnd('.').ReplaceLineEndings(" "));
        }

        return (option.Option.Name, IsOurs(error.Message) ? error.Message
            : option.Tokens.Count == 0 ? "no value"
            : option.Tokens.Count > option.Option.Arity.MaximumNumberOfValues ? $"{string.Join(", ", option.Tokens.Select(t => $"'{t.Value}'"))}; allowed: one value"
            : string.Join(", ", option.Tokens.Select(t => $"'{t.Value}'")));
    }

    /// <summary>What no command, option or argument takes; an option that is mistaken for a file counts.</summary>
    private static string? UnknownToken(ParseResult parsed) =>
        parsed.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash).FirstOrDefault(t => t.Type == TokenType.Argument && t.Value.StartsWith("--", StringComparison.Ordinal))?.Value
        ?? (parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null);

    private static bool IsOurs(string error) => error.Contains("; allowed: ", StringComparison.Ordinal);

    /// <summary>The option or the argument that must have a value and has an empty text: a variable of a script that is not set, say.</summary>
    private static string? EmptyValue(ParseResult parsed) => parsed.CommandResult.Children.Where(static child => child.Tokens.Any(static t => t.Value.Length == 0)).Select(static child => child switch
    {
        OptionResult option => option.Option.Name,
        ArgumentResult { Argument: { Arity.MinimumNumberOfValues: > 0 } argument } => argument.Name,
        _ => null,
    }).FirstOrDefault(static name => name is not null);

    private static int Say(string message, int status)
    {
        Console.Error.WriteLine(message.ReplaceLineEndings(" "));
        return status;
    }
}
