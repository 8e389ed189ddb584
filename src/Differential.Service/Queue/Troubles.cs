namespace Differential.Service.Queue;

/// <summary>
/// What keeps the queue from its work at the moment, by cause and by whom it keeps: readiness and <c>/state</c> tell the oldest.
/// The log gets one line per cause and minute, however often it is reported. Safe for several threads.
/// </summary>
public sealed class Troubles(TimeProvider time)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Said, int Since)> _said = [];
    private readonly List<(string Cause, string Subject, string Reason)> _present = [];

    /// <summary>Told each line for the log: the cause, what is wrong, and how often it was met since the line before.</summary>
    public Action<string, string, int>? Say { get; set; }

    /// <summary>What is wrong, one sentence; null where nothing is.</summary>
    public string? Current
    {
        get
        {
            lock (_lock)
            {
                return _present.Count == 0 ? null : $"{_present[0].Cause}{Of(_present[0].Subject)}: {_present[0].Reason}";
            }
        }
    }

    /// <summary>Notes that something failed.</summary>
    /// <param name="cause">What failed, for a line of the log: few of them.</param>
    /// <param name="subject">The job or file that it failed for; empty where for all.</param>
    /// <param name="reason">Why.</param>
    public void Report(string cause, string subject, string reason)
    {
        int times;
        lock (_lock)
        {
            int index = Find(cause, subject);
            if (index < 0)
            {
                _present.Add((cause, subject, reason));
            }
            else
            {
                _present[index] = (cause, subject, reason);
            }

            long now = time.GetTimestamp();
            (long said, int since) = _said.GetValueOrDefault(cause, (0, 0));
            if (said != 0 && time.GetElapsedTime(said, now) < Silence)
            {
                _said[cause] = (said, since + 1);
                return;
            }

            times = since + 1;
            _said[cause] = (now, 0);
        }

        Say?.Invoke(cause + Of(subject), reason, times);
    }

    /// <summary>Notes that it works again.</summary>
    public void Settle(string cause, string subject)
    {
        lock (_lock)
        {
            int index = Find(cause, subject);
            if (index >= 0)
            {
                _present.RemoveAt(index);
            }
        }
    }

    /// <summary>Forgets whom a cause keeps no longer: a job that another worker has taken, say.</summary>
    public void Retain(string cause, Func<string, bool> isKept)
    {
        ArgumentNullException.ThrowIfNull(isKept);
        lock (_lock)
        {
            _present.RemoveAll(t => t.Cause == cause && !isKept(t.Subject));
        }
    }

    private static string Of(string subject) => subject.Length == 0 ? string.Empty : " of " + subject;

    private int Find(string cause, string subject) => _present.FindIndex(t => t.Cause == cause && t.Subject == subject);
}
