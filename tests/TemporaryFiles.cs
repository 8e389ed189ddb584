using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Differential.Tests;

/// <summary>
/// The temporary files of a test process, and of the programs that it starts, lie in one folder that goes with the process. What a killed one
/// left is removed by the first that comes an hour later.
/// </summary>
internal static class TemporaryFiles
{
    private const string Prefix = "differential-tests-";

    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It must come before every test, whichever runs first.")]
    internal static void Gather()
    {
        string shared = Path.GetTempPath();
        foreach (string left in Directory.GetDirectories(shared, Prefix + "*").Where(IsAbandoned))
        {
            Remove(left);
        }

        string own = Path.Combine(shared, Prefix + Environment.ProcessId);
        Directory.CreateDirectory(own);
        Environment.SetEnvironmentVariable(OperatingSystem.IsWindows() ? "TMP" : "TMPDIR", own);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(own);
    }

    private static bool IsAbandoned(string folder) => DateTime.UtcNow - Directory.GetLastWriteTimeUtc(folder) > Grace
        && int.TryParse(Path.GetFileName(folder).AsSpan(Prefix.Length), out int process)
        && !(OperatingSystem.IsLinux() && Directory.Exists($"/proc/{process}"));

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file without rights, or one that a program still writes: the next test process tries again.
        }
    }
}
