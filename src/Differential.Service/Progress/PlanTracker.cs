using System.Globalization;

namespace Differential.Service.Progress;

/// <summary>
/// Follows a job along its plan and corrects the plan on the way: what a phase was thought to take is scaled by how long phases of
/// its kind took so far, and by how long all took where none of its kind has run yet.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="time">The clock.</param>
public sealed class PlanTracker(JobPlan plan, TimeProvider time)
{
    /// <summary>Nothing is said of the time that is left before so many seconds were measured.</summary>
    private const double Patience = 1;

    private readonly Dictionary<PhaseKind, Measured> _measured = [];
    private readonly Measured _all = new();
    private readonly HashSet<int> _done = [];
    private readonly double _whole = Math.Max(double.Epsilon, plan.Phases.Sum(static p => p.Work));
    private int _current = -1;
    private double _fraction;
    private double _fractionAtStart;
    private long _started;
    private double _shown;
    private string? _detail;

    private sealed class Measured
    {
        public double Work { get; set; }

        public double Seconds { get; set; }
    }

    /// <summary>The phase that runs; null before the first.</summary>
    public JobPhase? Current => _current < 0 ? null : plan.Phases[_current];

    /// <summary>
    /// A phase begins; the phases before it are over. One that the plan does not have is passed over, and one that has begun already
    /// goes on.
    /// </summary>
    /// <returns>Whether it begins now.</returns>
    public bool Begin(PhaseId id)
    {
        int index = _current >= 0 && plan.Phases[_current].Id == id ? _current : IndexOf(id);
        if (index < 0 || index == _current)
        {
            return false;
        }

        End();
        for (int i = 0; i < index; i++)
        {
            _done.Add(i);
        }

        _current = index;
        _fraction = 0;
        _fractionAtStart = 0;
        _detail = null;
        _started = time.GetTimestamp();
        return true;
    }

    /// <summary>The current phase has come so far.</summary>
    /// <param name="fraction">Of the phase, in [0, 1].</param>
    /// <param name="detail">Where it stands within the phase; its parts tell that where null.</param>
    /// <param name="isFirst">Whether the phase began here: what an earlier process did of it is not measured.</param>
    public void Advance(double fraction, string? detail = null, bool isFirst = false)
    {
        if (_current < 0 || !double.IsFinite(fraction))
        {
            return;
        }

        _fraction = Math.Clamp(fraction, _fraction, 1);
        _detail = detail;
        if (isFirst)
        {
            _fractionAtStart = _fraction;
        }
    }

    /// <summary>How far the job is now.</summary>
    public JobProgress Now()
    {
        double left = 0;
        double done = 0;
        for (int i = 0; i < plan.Phases.Count; i++)
        {
            JobPhase phase = plan.Phases[i];
            double share = _done.Contains(i) ? 1 : i == _current ? _fraction : 0;
            double seconds = phase.Work * SecondsPerWork(phase.Id.Kind);
            done += share * seconds;
            left += (1 - share) * seconds;
        }

        double fraction = done + left > 0 ? done / (done + left) : 0;
        _shown = Math.Max(_shown, Math.Clamp(fraction, 0, 1));
        return new JobProgress { Fraction = _shown, SecondsLeft = Tells() ? left : null, Where = Where() };
    }

    private bool Tells() => _all.Seconds + Running() >= Patience && _all.Work + RunningWork() > 0;

    private int IndexOf(PhaseId id)
    {
        for (int i = Math.Max(0, _current); i < plan.Phases.Count; i++)
        {
            if (plan.Phases[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    private void End()
    {
        if (_current < 0)
        {
            return;
        }

        // A phase that gave no news of its way was done as a whole when the next one began.
        double work = plan.Phases[_current].Work * (1 - _fractionAtStart);
        double seconds = Running();
        Measured kind = Of(plan.Phases[_current].Id.Kind);
        (kind.Work, kind.Seconds) = (kind.Work + work, kind.Seconds + seconds);
        (_all.Work, _all.Seconds) = (_all.Work + work, _all.Seconds + seconds);
        _done.Add(_current);
    }

    private Measured Of(PhaseKind kind) => _measured.TryGetValue(kind, out Measured? known) ? known : _measured[kind] = new Measured();

    private double Running() => _current < 0 ? 0 : time.GetElapsedTime(_started).TotalSeconds;

    private double RunningWork() => _current < 0 ? 0 : plan.Phases[_current].Work * (_fraction - _fractionAtStart);

    /// <summary>Seconds for a unit of work; 1 over the whole where nothing was measured, so that the bar shows the plan's own shares.</summary>
    private double SecondsPerWork(PhaseKind kind)
    {
        Measured own = Of(kind);
        bool runs = _current >= 0 && plan.Phases[_current].Id.Kind == kind && RunningWork() > 0;
        (double work, double seconds) = (own.Work + (runs ? RunningWork() : 0), own.Seconds + (runs ? Running() : 0));
        if (work > 0 && seconds > 0)
        {
            return seconds / work;
        }

        double running = RunningWork();
        (work, seconds) = (_all.Work + running, _all.Seconds + (running > 0 ? Running() : 0));
        return work > 0 && seconds > 0 ? seconds / work : 1 / _whole;
    }

    private string Where()
    {
        if (Current is not { } phase)
        {
            return string.Empty;
        }

        string[] networks = [.. plan.Phases.Select(p => p.Id.Network).OfType<string>().Distinct()];
        string network = phase.Id.Network is { } label && networks.Length > 1 ? Counted("network", Array.IndexOf(networks, label), networks.Length) : string.Empty;
        string part = phase.Id.Kind switch
        {
            PhaseKind.Training => Counted("epoch", Part(phase), phase.Parts),
            PhaseKind.EqualAccuracy => Counted("equal accuracy, epoch", Part(phase), phase.Parts),
            PhaseKind.Attack => Siblings("attack", phase),
            PhaseKind.Certificates => "certificates",
            PhaseKind.Checks => Counted("check", Part(phase), phase.Parts),
            PhaseKind.Theory => Counted("training", Part(phase), phase.Parts),
            PhaseKind.Job => Siblings("job", phase),
            _ => string.Empty,
        };
        return string.Join(" · ", ((string?[])[network, part, _detail]).Where(static text => !string.IsNullOrEmpty(text)));
    }

    private string Siblings(string word, JobPhase phase)
    {
        JobPhase[] alike = [.. plan.Phases.Where(p => p.Id.Kind == phase.Id.Kind && p.Id.Network == phase.Id.Network)];
        return Counted(word, Array.IndexOf(alike, phase), alike.Length);
    }

    private int Part(JobPhase phase) => Math.Min(phase.Parts - 1, (int)((_fraction * phase.Parts) + 1e-9));

    private static string Counted(string word, int index, int count) => string.Create(CultureInfo.InvariantCulture, $"{word} {index + 1}/{count}");
}
