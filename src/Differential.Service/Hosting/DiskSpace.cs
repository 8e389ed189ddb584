using System.Runtime.InteropServices;

namespace Differential.Service.Hosting;

/// <summary>Room on a volume.</summary>
internal static partial class DiskSpace
{
    private const int UnixNoSpace = 28;
    private const int UnixQuota = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Whether an error says that the disk, or the user's share of it, is full.</summary>
    public static bool IsFull(IOException exception) => OperatingSystem.IsWindows()
        ? exception.HResult is WindowsDiskFull or WindowsHandleDiskFull
        : exception.HResult is UnixNoSpace or UnixQuota;

    /// <summary>Files that can still be made on the volume of a folder; unlimited where the system does not tell or has no such limit.</summary>
    public static long FreeFiles(string folder)
    {
        // struct statvfs of 64-bit Linux: f_files at 40, f_favail at 56.
        Span<byte> buffer = stackalloc byte[256];
        return OperatingSystem.IsLinux() && Environment.Is64BitProcess
            && VolumeStatus(folder, ref MemoryMarshal.GetReference(buffer)) == 0
            && BitConverter.ToInt64(buffer[40..]) > 0
                ? BitConverter.ToInt64(buffer[56..])
                : long.MaxValue;
    }

    [LibraryImport("libc", EntryPoint = "statvfs", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int VolumeStatus(string path, ref byte buffer);

    /// <summary>Free bytes for this user on the volume of a folder; unlimited where the system does not tell.</summary>
    public static long Free(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue;
        }
    }
}
