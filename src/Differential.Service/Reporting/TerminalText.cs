using System.Text;

namespace Differential.Service.Reporting;

/// <summary>Text for a terminal of a known width: tables leave columns out there, and prose is broken between words.</summary>
/// <param name="inner">Where it goes.</param>
/// <param name="width">Characters of a line.</param>
/// <param name="colour">Whether the terminal has colours and its user wants them.</param>
internal sealed class TerminalText(TextWriter inner, int width, bool colour) : TextWriter(inner.FormatProvider)
{
    private const string Reset = "\e[0m";

    /// <summary>Characters of a line.</summary>
    public int Width { get; } = Math.Max(20, width);

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => inner.Write(value);

    public override void Write(char[] buffer, int index, int count) => inner.Write(buffer, index, count);

    public override void Write(string? value) => inner.Write(value);

    public override void WriteLine(string? value) => inner.WriteLine(value);

    public override void Flush() => inner.Flush();

    /// <summary>A text in a colour, or plain where there are none.</summary>
    public string Paint(string text, TextColour wanted) => Paint(text, wanted, colour);

    /// <summary>A text in a colour, or plain.</summary>
    public static string Paint(string text, TextColour wanted, bool colour) => colour && text.Length > 0 ? $"\e[{(int)wanted}m{text}{Reset}" : text;

    /// <summary>A line cut to a width; the last character that is left says so.</summary>
    public static string Cut(string line, int width) => line.Length <= width ? line : width <= 1 ? line[..Math.Max(0, width)] : line[..(width - 1)].TrimEnd() + "…";

    /// <summary>A paragraph in lines of at most a width, broken between words; a word that is longer is cut.</summary>
    /// <param name="text">One paragraph.</param>
    /// <param name="width">Characters of a line.</param>
    /// <param name="indent">Blanks before each line but the first.</param>
    public static IEnumerable<string> Wrap(string text, int width, int indent = 0)
    {
        var line = new StringBuilder();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            bool isEmpty = line.ToString().AsSpan().Trim().IsEmpty;
            if (!isEmpty && line.Length + 1 + word.Length > width)
            {
                yield return Cut(line.ToString(), width);
                line.Clear().Append(' ', indent);
                isEmpty = true;
            }

            line.Append(isEmpty ? string.Empty : " ").Append(word);
        }

        yield return Cut(line.ToString(), width);
    }
}

/// <summary>Colours by the numbers of ECMA-48's SGR, as far as every terminal has them.</summary>
internal enum TextColour
{
    Bold = 1,
    Faint = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Cyan = 36,
}
