using System.Net.Sockets;
using System.Text;
using Differential.Service.Observability;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Tests.Observability;

public sealed class SystemdTests
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Notifier_LoopThatTurns_SaysReadyPingsAndStops(bool inAbstractNamespace)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "systemd's sockets are Linux's");
        using var manager = new Manager(inAbstractNamespace);
        var pulse = new LoopPulse(TimeProvider.System);
        using var notifier = new SystemdNotifier(manager.Socket(TimeSpan.FromMilliseconds(200)), pulse, TimeProvider.System);

        await notifier.StartAsync(CancellationToken.None);
        pulse.Beat(1, 2);
        Assert.Contains("READY=1", await manager.UntilAsync("READY=1"), StringComparison.Ordinal);
        string pinged = await manager.UntilAsync("WATCHDOG=1", () => pulse.Beat(1, 3));
        await ((IHostedLifecycleService)notifier).StoppingAsync(CancellationToken.None);
        string stopping = await manager.UntilAsync("STOPPING=1");
        await notifier.StopAsync(CancellationToken.None);

        Assert.Contains("WATCHDOG=1", pinged, StringComparison.Ordinal);
        Assert.Contains("STOPPING=1", stopping, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Notifier_LoopThatStandsStill_PingsNoMore()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "systemd's sockets are Linux's");
        using var manager = new Manager(inAbstractNamespace: false);
        var pulse = new LoopPulse(TimeProvider.System);
        using var notifier = new SystemdNotifier(manager.Socket(TimeSpan.FromMilliseconds(100)), pulse, TimeProvider.System);

        await notifier.StartAsync(CancellationToken.None);
        pulse.Beat(0, 0);
        await manager.UntilAsync("WATCHDOG=1");
        int later = await manager.CountAsync("WATCHDOG=1", TimeSpan.FromMilliseconds(600));
        await notifier.StopAsync(CancellationToken.None);

        Assert.Equal(0, later);
    }

    [SkippableTheory]
    [InlineData(null, null, null, false)]
    [InlineData("relative", null, null, false)]
    [InlineData("/run/x", null, null, true)]
    [InlineData("@x", "30000000", null, true)]
    [InlineData("/run/x", "30000000", "1", true)]
    public void Of_Environment_TakesWhatIsMeantForThisProcess(string? path, string? microseconds, string? pid, bool there)
    {
        Skip.If(OperatingSystem.IsWindows(), "systemd's sockets are Linux's");
        SystemdSocket? socket = SystemdSocket.Of(name => name switch
        {
            "NOTIFY_SOCKET" => path,
            "WATCHDOG_USEC" => microseconds,
            "WATCHDOG_PID" => pid,
            _ => null,
        });

        Assert.Equal(there, socket is not null);
        Assert.Equal(microseconds is not null && pid is null ? TimeSpan.FromSeconds(30) : null, socket?.Watchdog);
    }

    [Fact]
    public void Send_NobodyListens_SaysSoAndDoesNotThrow()
    {
        SystemdSocket? socket = SystemdSocket.Of(name => name == "NOTIFY_SOCKET" ? Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")) : null);

        Assert.NotEqual(true, socket?.Send("READY=1"));
    }

    /// <summary>systemd's end of the socket.</summary>
    private sealed class Manager : IDisposable
    {
        private readonly string _name;
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

        public Manager(bool inAbstractNamespace)
        {
            string name = Guid.NewGuid().ToString("N");
            _name = inAbstractNamespace ? "@differential-" + name : Path.Combine(Path.GetTempPath(), name);
            _socket.Bind(new UnixDomainSocketEndPoint(inAbstractNamespace ? "\0" + _name[1..] : _name));
        }

        public SystemdSocket Socket(TimeSpan watchdog) => SystemdSocket.Of(name => name switch
        {
            "NOTIFY_SOCKET" => _name,
            "WATCHDOG_USEC" => ((long)watchdog.TotalMicroseconds).ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => null,
        })!;

        public async Task<string> UntilAsync(string text, Action? between = null)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            string all = string.Empty;
            while (!all.Contains(text, StringComparison.Ordinal))
            {
                between?.Invoke();
                all += await ReceiveAsync(patience.Token) + "\n";
            }

            return all;
        }

        public async Task<int> CountAsync(string text, TimeSpan duration)
        {
            using var end = new CancellationTokenSource(duration);
            int count = 0;
            try
            {
                while (true)
                {
                    count += (await ReceiveAsync(end.Token)).Contains(text, StringComparison.Ordinal) ? 1 : 0;
                }
            }
            catch (OperationCanceledException)
            {
                return count;
            }
        }

        public void Dispose()
        {
            _socket.Dispose();
            if (_name[0] != '@')
            {
                File.Delete(_name);
            }
        }

        private async Task<string> ReceiveAsync(CancellationToken cancellation)
        {
            byte[] buffer = new byte[4096];
            int length = await _socket.ReceiveAsync(buffer, cancellation);
            return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }
}
