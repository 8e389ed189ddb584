using System.Runtime.InteropServices;
using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>Asks the system whether files can be made in a folder, without making one.</summary>
internal static partial class FolderAccess
{
    private const int WriteAndEnter = 2 | 1;

    /// <summary>Why nothing can be written into a folder; null where it can.</summary>
    public static string? Trouble(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return Directory.Exists(folder) ? null : $"{folder}: there is no such folder";
        }

        return Access(folder, WriteAndEnter) == 0 ? null : SystemError.Of(folder, Marshal.GetLastPInvokeError()).Message;
    }

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Access(string path, int mode);
}
