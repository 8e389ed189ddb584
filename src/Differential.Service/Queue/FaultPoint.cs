using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Differential.Service.Queue;

/// <summary>
/// Named points at which the tests strike: the calls exist only in builds with <c>-p:FaultInjection=true</c>. The environment variable
/// DIFFERENTIAL_FAULT is <c>POINT:PASS:ACTION</c>: at which pass of the point what happens, <c>kill</c> (the default), <c>stop</c> (until
/// somebody continues the process, with the world changed meanwhile) or <c>abort</c>. The file that DIFFERENTIAL_FAULT_FILE names holds
/// <c>POINT:ACTION</c> for the next pass; it is deleted by whom it strikes.
/// </summary>
internal static partial class FaultPoint
{
    private const int Kill = 9;
    private const int Stop = 19;

    private static readonly string[] Armed = (Environment.GetEnvironmentVariable("DIFFERENTIAL_FAULT") ?? string.Empty).Split(':');
    private static readonly string? ArmedFile = Environment.GetEnvironmentVariable("DIFFERENTIAL_FAULT_FILE");
    private static int _passes;

    /// <summary>Whether this build has the points.</summary>
#if FAULT_INJECTION
    public static bool IsCompiledIn => true;
#else
    public static bool IsCompiledIn => false;
#endif

    [Conditional("FAULT_INJECTION")]
    public static void Hit(string name)
    {
        if (Armed[0] == name && Interlocked.Increment(ref _passes) == (Armed.Length > 1 ? int.Parse(Armed[1], CultureInfo.InvariantCulture) : 1))
        {
            Strike(Armed.Length > 2 ? Armed[2] : "kill");
        }

        if (ArmedFile is not null && TakeFile(name) is { } action)
        {
            Strike(action);
        }
    }

    private static string? TakeFile(string name)
    {
        try
        {
            string[] armed = File.ReadAllText(ArmedFile!).Split(':');
            if (armed[0] != name)
            {
                return null;
            }

            File.Delete(ArmedFile!);
            return armed[1];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Strike(string action)
    {
        switch (action)
        {
            case "abort":
                Abort();
                break;
            case "stop":
                _ = SendSignal(Environment.ProcessId, Stop);

                // The signal stops the whole process in a moment; this thread must not run on into that moment.
                Thread.Sleep(50);
                break;
            default:
                // No handler, no finally, no flush.
                _ = SendSignal(Environment.ProcessId, Kill);
                Thread.Sleep(Timeout.Infinite);
                break;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "abort")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void Abort();
}
