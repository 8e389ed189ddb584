namespace Differential.Core;

/// <summary>A mistake in what the user gave: an argument, a job file, data or a model. Shown as one line, exit status 2.</summary>
/// <param name="file">The file, or the argument, in which it was found.</param>
/// <param name="place">Where: a JSON path, a line, a record; empty for the file as a whole.</param>
/// <param name="found">What was found.</param>
/// <param name="allowed">What is allowed.</param>
public sealed class InputException(string file, string place, string found, string allowed)
    : Exception($"{file}: {(place.Length == 0 ? string.Empty : place + ": ")}{found}; {allowed}")
{
    public string File { get; } = file;

    public string Place { get; } = place;

    public string Found { get; } = found;

    public string Allowed { get; } = allowed;

    /// <summary>The same mistake, seen from another file (a job that names a broken data file, say).</summary>
    public InputException In(string file) => new(file, Place, Found, Allowed);
}
