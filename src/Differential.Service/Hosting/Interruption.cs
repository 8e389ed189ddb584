using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Differential.Service.Hosting;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks the work to stop at its next step, the second ends the process. A SIGTERM soon after the first signal is
/// the same ask: a scheduler sends it to the process and to the script around it, which passes it on.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan SameAsk = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;
    private long _first;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) == 1)
        {
            _first = Stopwatch.GetTimestamp();
            _source.Cancel();
        }
        else if (context.Signal == PosixSignal.SIGTERM && Stopwatch.GetElapsedTime(_first) < SameAsk)
        {
            return;
        }
        else
        {
            Environment.Exit(ExitCode.Interrupted);
        }
    }
}
