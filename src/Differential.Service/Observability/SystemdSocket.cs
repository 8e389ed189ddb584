using System.Net.Sockets;
using System.Text;

namespace Differential.Service.Observability;

/// <summary>systemd's notification socket (sd_notify(3)): a datagram of lines NAME=value to the address in NOTIFY_SOCKET.</summary>
internal sealed class SystemdSocket
{
    private readonly UnixDomainSocketEndPoint _address;

    private SystemdSocket(UnixDomainSocketEndPoint address, TimeSpan? watchdog)
    {
        _address = address;
        Watchdog = watchdog;
    }

    /// <summary>How long systemd waits for a WATCHDOG=1 before it restarts the service; null where it does not.</summary>
    public TimeSpan? Watchdog { get; }

    /// <summary>The socket of this process; null where systemd did not start it so.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    public static SystemdSocket? Of(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        string? path = variable("NOTIFY_SOCKET");
        if (OperatingSystem.IsWindows() || string.IsNullOrEmpty(path) || path[0] is not ('/' or '@'))
        {
            return null;
        }

        try
        {
            // '@' stands for the zero byte that a name in the abstract namespace starts with.
            var address = new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path);
            return new SystemdSocket(address, Interval(variable));
        }
        catch (ArgumentOutOfRangeException)
        {
            // Longer than an address can be.
            return null;
        }
    }

    /// <summary>Sends lines; false where nobody listens.</summary>
    public bool Send(params IEnumerable<string> lines)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(string.Join('\n', lines)), _address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static TimeSpan? Interval(Func<string, string?> variable)
    {
        bool ours = variable("WATCHDOG_PID") is not { Length: > 0 } pid || pid == Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return ours && long.TryParse(variable("WATCHDOG_USEC"), out long microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }
}
