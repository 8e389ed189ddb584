using Differential.Core.Files;

namespace Differential.Core;

/// <summary>What is said about a file of the user's that can't be read.</summary>
internal static class InputFiles
{
    /// <param name="file">The file.</param>
    /// <param name="error">An <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</param>
    /// <param name="allowed">What the file should be.</param>
    internal static InputException Unreadable(string file, Exception error, string allowed) => new(
        file,
        string.Empty,
        error switch
        {
            FileNotFoundException or DirectoryNotFoundException => "there is no such file",
            NotRegularFileException other => $"it is {other.Kind}",
            UnauthorizedAccessException when Directory.Exists(file) => "it is a folder",
            UnauthorizedAccessException => "reading it is not permitted",
            _ => $"it can't be read ({error.Message})",
        },
        allowed);
}
