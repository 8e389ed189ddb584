using Differential.Service.Reporting;
using Spectre.Console;

namespace Differential.Service.Commands;

/// <summary>What a stream of the program's can show. <c>NO_COLOR</c> (no-color.org) takes the colours away.</summary>
/// <param name="Moves">Whether it is a terminal whose cursor can be moved.</param>
/// <param name="HasColour">Whether it has colours and its user wants them.</param>
internal sealed record TerminalKind(bool Moves, bool HasColour)
{
    private const int UsualWidth = 80;

    public static TerminalKind OfError { get; } = Of(Console.Error, Console.IsErrorRedirected);

    public static TerminalKind OfOutput { get; } = Of(Console.Out, Console.IsOutputRedirected);

    /// <summary>Characters of a line of the terminal at this moment.</summary>
    public static int Width
    {
        get
        {
            try
            {
                return Console.WindowWidth is > 0 and var width ? width : UsualWidth;
            }
            catch (Exception exception) when (exception is IOException or PlatformNotSupportedException)
            {
                return UsualWidth;
            }
        }
    }

    /// <summary>Standard output for tables: as wide as the terminal, or as it is where it is none.</summary>
    public static TextWriter Tables() => Console.IsOutputRedirected ? Console.Out : new TerminalText(Console.Out, Width, OfOutput.HasColour);

    private static TerminalKind Of(TextWriter stream, bool isRedirected)
    {
        if (isRedirected)
        {
            return new TerminalKind(false, false);
        }

        // Spectre knows the terminals; on Windows it switches the sequences on.
        Capabilities capabilities = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(stream) }).Profile.Capabilities;
        bool wantsNone = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new TerminalKind(capabilities.Ansi, capabilities.Ansi && !wantsNone && capabilities.ColorSystem != ColorSystem.NoColors);
    }
}
