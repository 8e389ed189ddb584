namespace Differential.Core;

/// <summary>
/// A mistake in what the user gave: an argument, a job file, data or a model. Shown as one line,
/// <c>FILE: PLACE: what was found; allowed: what is allowed</c>, exit status 2.
/// </summary>
/// <param name="file">The file in which it was found; "arguments" or "configuration" for what is in none.</param>
/// <param name="place">Where: a JSON path, a line, a record, an option; empty for the file as a whole, which the message calls "file".</param>
/// <param name="found">What was found.</param>
/// <param name="allowed">What is allowed, with or without "allowed: " before it.</param>
public sealed class InputException(string file, string place, string found, string allowed)
    : Exception($"{file}: {PlaceOf(place)}: {found}; {(allowed.StartsWith(Available, StringComparison.Ordinal) ? string.Empty : Prefix)}{WithoutPrefix(allowed)}")
{
    private const string Prefix = "allowed: ";

    private const string Available = "available: ";

    public string File { get; } = file;

    /// <summary>Where in the file; empty for the file as a whole.</summary>
    public string Place { get; } = place;

    public string Found { get; } = found;

    /// <summary>What is allowed, without "allowed: " before it.</summary>
    public string Allowed { get; } = WithoutPrefix(allowed);

    /// <summary>The same mistake, seen from another file (a job that names a broken data file, say).</summary>
    public InputException In(string file) => new(file, Place, Found, Allowed);

    private static string PlaceOf(string place) => place.Length == 0 ? "file" : place;

    private static string WithoutPrefix(string allowed) => allowed.StartsWith(Prefix, StringComparison.Ordinal) ? allowed[Prefix.Length..] : allowed;
}
