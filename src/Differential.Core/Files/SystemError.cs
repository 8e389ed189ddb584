using System.ComponentModel;

namespace Differential.Core.Files;

/// <summary>Exceptions of the system's error numbers, as the class library throws them.</summary>
internal static class SystemError
{
    private const int NotPermitted = 1;
    private const int AccessDenied = 13;

    /// <summary>The exception of an error number (Unix) in dealing with a path.</summary>
    public static Exception Of(string path, int error) => error is NotPermitted or AccessDenied
        ? new UnauthorizedAccessException($"{path}: {new Win32Exception(error).Message}")
        : new IOException($"{path}: {new Win32Exception(error).Message}", error);

    /// <summary>Whether an exception is of a file or folder that could not be read or written, whatever the reason.</summary>
    public static bool IsOfFiles(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
