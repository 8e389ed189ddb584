using System.Globalization;

namespace Differential.Service.Queue;

/// <summary>
/// <c>active/&lt;worker&gt;/pulse</c>: when a worker's loop turned last, written by the loop itself. The lease is renewed beside the
/// loop and says only that the process lives. The time counts from the machine's start, so that no clock needs to be right.
/// </summary>
internal sealed class PulseFile(ServiceRoot root, string worker, TimeSpan period, TimeProvider time)
{
    private const string Name = "pulse";

    private readonly string _file = Path.Combine(root.WorkerFolder(worker), Name);
    private long _written;

    /// <summary>Called at each turn of the loop; writes once in a period.</summary>
    public void Turn()
    {
        if (_written != 0 && time.GetElapsedTime(_written) < period)
        {
            return;
        }

        _written = time.GetTimestamp();
        try
        {
            File.WriteAllText(_file, Environment.TickCount64.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No room, or the worker's folder is gone: whoever asks sees a pulse that stands still.
        }
    }

    /// <summary>Removes a worker's.</summary>
    public static void Remove(string workerFolder) => File.Delete(Path.Combine(workerFolder, Name));

    /// <summary>How long ago the loop of the root's liveliest worker on this machine turned; null where none lives here.</summary>
    public static TimeSpan? Youngest(ServiceRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        IEnumerable<string> workers = Directory.Exists(root.Active) ? Directory.EnumerateDirectories(root.Active) : [];
        TimeSpan?[] ages = [.. workers.Select(AgeOf).Where(age => age is not null)];
        return ages.Length == 0 ? null : ages.Min();
    }

    private static TimeSpan? AgeOf(string folder)
    {
        if (WorkerLease.Read(folder) is not { } lease || lease.Host != HostIdentity.Current || !HostIdentity.IsAlive(lease.Pid, lease.Started))
        {
            return null;
        }

        try
        {
            return TimeSpan.FromMilliseconds(Environment.TickCount64 - long.Parse(File.ReadAllText(Path.Combine(folder, Name)), CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            // Between the lease and the first turn, or while it is being written: as good as no turn.
            return null;
        }
    }
}
