using System.Diagnostics;

namespace Differential.Service.Queue;

/// <summary>
/// Named points at which the crash test kills the process: the calls exist only in builds with <c>-p:FaultInjection=true</c>.
/// The environment variable DIFFERENTIAL_FAULT names a point and, after a colon, at which pass it strikes.
/// </summary>
internal static class FaultPoint
{
    private static readonly string[] Armed = (Environment.GetEnvironmentVariable("DIFFERENTIAL_FAULT") ?? string.Empty).Split(':');
    private static int _passes;

    [Conditional("FAULT_INJECTION")]
    public static void Hit(string name)
    {
        if (Armed[0] == name && Interlocked.Increment(ref _passes) == (Armed.Length > 1 ? int.Parse(Armed[1], System.Globalization.CultureInfo.InvariantCulture) : 1))
        {
            // SIGKILL to itself: no handler, no finally, no flush.
            Process.GetCurrentProcess().Kill();
            Thread.Sleep(Timeout.Infinite);
        }
    }
}
