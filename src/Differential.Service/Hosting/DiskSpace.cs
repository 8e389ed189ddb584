namespace Differential.Service.Hosting;

/// <summary>Room on a volume.</summary>
internal static class DiskSpace
{
    private const int UnixNoSpace = 28;
    private const int UnixQuota = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Whether an error says that the disk, or the user's share of it, is full.</summary>
    public static bool IsFull(IOException exception) => OperatingSystem.IsWindows()
        ? exception.HResult is WindowsDiskFull or WindowsHandleDiskFull
        : exception.HResult is UnixNoSpace or UnixQuota;

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
