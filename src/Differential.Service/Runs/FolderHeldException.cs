namespace Differential.Service.Runs;

/// <summary>A run's folder is another process's: that one holds it, or has taken it over.</summary>
internal class FolderHeldException : Exception
{
    /// <param name="folder">The folder.</param>
    public FolderHeldException(string folder)
        : this(folder, "the run's folder is in use by another process; allowed: one process at a time in a run's folder")
    {
    }

    /// <param name="folder">The folder.</param>
    /// <param name="message">What is the matter, and what is allowed.</param>
    protected FolderHeldException(string folder, string message)
        : base($"{folder}: file: {message}") => Folder = folder;

    public string Folder { get; }
}

/// <summary>A newer attempt has begun on the same run: this one writes nothing more.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="number">The newer attempt's.</param>
internal sealed class SupersededException(string folder, int number)
    : FolderHeldException(folder, $"attempt {number} has taken the run over; this one stops and writes nothing more");
