namespace Differential.Service.Tests;

/// <summary>Rights as Unix has them; tests that need them are skipped by name elsewhere.</summary>
internal static class UnixFolder
{
    public static void SetMode(string folder, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("folders have no such rights there");
        }

        File.SetUnixFileMode(folder, mode);
    }
}
