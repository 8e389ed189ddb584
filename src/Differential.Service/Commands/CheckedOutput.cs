using System.Text;

namespace Differential.Service.Commands;

/// <summary>Standard output whose write errors say that they are its own: a full disk behind a redirection, say.</summary>
internal sealed class CheckedOutput(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Do(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Do(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Do(() => inner.Write(value));

    public override void WriteLine(string? value) => Do(() => inner.WriteLine(value));

    public override void Flush() => Do(inner.Flush);

    private static void Do(Action write)
    {
        try
        {
            write();
        }
        catch (IOException exception)
        {
            throw new OutputException($"standard output: {exception.Message.TrimEnd('.')}", exception);
        }
    }
}

/// <summary>Standard output can't be written; the message says so.</summary>
internal sealed class OutputException(string message, Exception inner) : IOException(message, inner);
