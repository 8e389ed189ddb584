using System.Text;

namespace Differential.Service.Commands;

/// <summary>
/// A terminal with lines that stay and, below them, one that moves. The cursor rests at the start of the moving line, and that line never
/// breaks: so it can be taken back whole, also when the terminal has become narrower meanwhile. Safe to share between threads.
/// </summary>
/// <param name="terminal">The terminal's writer.</param>
/// <param name="width">Its width now, in characters.</param>
internal sealed class TerminalScreen(TextWriter terminal, Func<int> width)
{
    private const string NoBreaks = "\e[?7l";
    private const string Breaks = "\e[?7h";
    private const string ClearRest = "\e[J";

    private readonly Lock _lock = new();
    private bool _isDrawn;

    /// <summary>Characters of a line at this moment. The last column stays free: some terminals break a line that fills it.</summary>
    public int Width => Math.Max(10, width() - 1);

    /// <summary>Draws the moving line in place of the one before.</summary>
    public void Move(Func<int, string> line)
    {
        lock (_lock)
        {
            terminal.Write(NoBreaks + line(Width) + ClearRest + "\r" + Breaks);
            terminal.Flush();
            _isDrawn = true;
        }
    }

    /// <summary>Writes lines that stay above the moving one, which the next move draws again.</summary>
    public void Stay(string text)
    {
        lock (_lock)
        {
            // Not cleared from the first column on: some terminals keep a copy of a screen that is cleared from its very start.
            terminal.Write((_isDrawn ? " " + ClearRest + "\r" : string.Empty) + text);
            terminal.Flush();
            _isDrawn = false;
        }
    }

    /// <summary>Takes the moving line away.</summary>
    public void End() => Stay(string.Empty);

    /// <summary>A writer whose whole lines stay above the moving line: for what other parts of the program write to the terminal.</summary>
    public TextWriter Lines() => new Through(this, terminal);

    private sealed class Through(TerminalScreen screen, TextWriter terminal) : TextWriter(terminal.FormatProvider)
    {
        private readonly StringBuilder _line = new();

        public override Encoding Encoding => terminal.Encoding;

        public override void Write(char value)
        {
            lock (_line)
            {
                _line.Append(value);
                if (value == '\n')
                {
                    screen.Stay(_line.ToString());
                    _line.Clear();
                }
            }
        }

        public override void Flush()
        {
            // What is no whole line yet waits for its end.
        }
    }
}
