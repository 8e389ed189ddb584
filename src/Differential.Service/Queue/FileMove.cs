using System.Runtime.InteropServices;
using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>
/// Moves files between the folders of a root: one rename, which replaces, happens or does not, and never crosses volumes (the class
/// library's move copies and deletes there, so that two workers could both have the file).
/// </summary>
internal static partial class FileMove
{
    private const int NotFound = 2;
    private const int NotAFolder = 20;
    private const int OtherVolume = 18;
    private const int WindowsPathNotFound = 3;
    private const int WindowsOtherVolume = 17;
    private const int WindowsReplaceAndWriteThrough = 0x1 | 0x8;

    /// <summary>Moves a file. False where it is gone: somebody else was faster.</summary>
    /// <exception cref="IOException">Its folder or the other one is missing, they lie on two volumes, or there is no room.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder can't be written.</exception>
    public static bool Try(string from, string to)
    {
        FaultPoint.Hit("before-rename");
        int error = Rename(from, to);
        switch (error)
        {
            case 0:
                return true;
            case NotFound or NotAFolder or WindowsPathNotFound:
                string? missing = new[] { Folder(from), Folder(to) }.FirstOrDefault(folder => !Directory.Exists(folder));
                return missing is null ? false : throw new DirectoryNotFoundException($"{missing}: there is no such folder");
            case OtherVolume or WindowsOtherVolume:
                throw new IOException($"{Folder(to)}: on another volume than {Folder(from)}", error);
            default:
                throw SystemError.Of($"{Folder(from)} to {Folder(to)}: a file can't be moved", error);
        }
    }

    /// <summary>Whether a move failed because the folders lie on two volumes.</summary>
    public static bool IsOtherVolume(IOException exception) => exception.HResult is OtherVolume or WindowsOtherVolume;

    private static string Folder(string file) => Path.GetDirectoryName(file)!;

    // The error's number; 0 for none.
    private static int Rename(string from, string to)
    {
        bool isDone = OperatingSystem.IsWindows() ? RenameOnWindows(from, to, WindowsReplaceAndWriteThrough) : RenameOnUnix(from, to) == 0;
        return isDone ? 0 : Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int RenameOnUnix(string from, string to);

    [LibraryImport("kernel32", EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool RenameOnWindows(string from, string to, int flags);
}
