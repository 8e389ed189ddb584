using System.Text;

namespace Differential.Service.Commands;

/// <summary>A writer that decides what an error of writing means.</summary>
internal abstract class GuardedWriter(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Do(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Do(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Do(() => inner.Write(value));

    public override void WriteLine(string? value) => Do(() => inner.WriteLine(value));

    public override void Flush() => Do(inner.Flush);

    private void Do(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The latter is how a closed descriptor shows.
            Failed(exception);
        }
    }

    /// <summary>What could not be written is lost; throws where that matters.</summary>
    protected abstract void Failed(Exception exception);
}

/// <summary>Standard output whose write errors say that they are its own: a full disk behind a redirection, say.</summary>
internal sealed class CheckedOutput(TextWriter inner) : GuardedWriter(inner)
{
    protected override void Failed(Exception exception) => throw new OutputException($"standard output: {exception.Message.TrimEnd('.')}", exception);
}

/// <summary>Standard error, which nobody can be told of: the work goes on without its messages.</summary>
internal sealed class LenientError(TextWriter inner) : GuardedWriter(inner)
{
    protected override void Failed(Exception exception)
    {
    }
}

/// <summary>Standard output can't be written; the message says so.</summary>
internal sealed class OutputException(string message, Exception inner) : IOException(message, inner);
