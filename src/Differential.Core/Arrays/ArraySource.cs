namespace Differential.Core.Arrays;

/// <summary>Where an array is read from: a file, or an entry of an archive.</summary>
/// <param name="File">The file, for messages.</param>
/// <param name="Entry">The entry's name; empty for the file itself.</param>
/// <param name="Length">Bytes, unpacked.</param>
/// <param name="Open">Opens it from its beginning.</param>
internal sealed record ArraySource(string File, string Entry, long Length, Func<Stream> Open)
{
    /// <summary>A mistake in the array.</summary>
    public InputException Mistake(string place, string found, string allowed) =>
        new(File, Entry.Length == 0 ? place : place.Length == 0 ? Entry : $"{Entry}, {place}", found, allowed);

    /// <summary>The same of a stream that could not be read.</summary>
    public InputException Unreadable(Exception error, string allowed) => error is InvalidDataException
        ? Mistake(string.Empty, "packed data that are damaged", allowed)
        : InputFiles.Unreadable(File, error, allowed);

    /// <summary>Whether an exception is of reading.</summary>
    public static bool IsOfReading(Exception exception) => exception is IOException or UnauthorizedAccessException or InvalidDataException;
}
