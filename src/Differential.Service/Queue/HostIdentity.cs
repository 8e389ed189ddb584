namespace Differential.Service.Queue;

/// <summary>
/// Which processes this one can see: two services that agree on it can tell from the process id alone whether the other lives.
/// </summary>
internal static class HostIdentity
{
    /// <summary>The machine's boot and the namespace of process ids; the machine's name where the system tells neither.</summary>
    public static string Current { get; } = Find();

    /// <summary>Whether a process of this host with this id started at this time is alive.</summary>
    public static bool IsAlive(int pid, string started) => StartOf(pid) == started;

    /// <summary>When a process started, in the system's own unit; null where there is none.</summary>
    public static string? StartOf(int pid)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // Field 22 of /proc/<pid>/stat, counted behind the name, which may hold spaces and brackets. 'Z' and 'X' are dead.
                string stat = File.ReadAllText($"/proc/{pid}/stat");
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return fields[0] is "Z" or "X" ? null : fields[19];
            }

            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return process.StartTime.Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Whether the machine of a start has gone down since: it is this machine, and another boot.</summary>
    public static bool HasRestarted(string? host, string? machine) =>
        machine == Environment.MachineName && host is not null && host.Split('/')[0] != Current.Split('/')[0];

    private static string Find()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
                string? processes = File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)?.Name;
                return $"{boot}/{processes}";
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Fall through to the name: then only the lease's time tells.
        }

        return Environment.MachineName;
    }
}
