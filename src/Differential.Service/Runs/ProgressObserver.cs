using Differential.Core.Attacks;
using Differential.Core.Theory;
using Differential.Core.Training;
using Differential.Service.Jobs;
using Differential.Service.Progress;

namespace Differential.Service.Runs;

/// <summary>Follows a job's plan by what the job tells, and tells another observer how far the whole job is, some times a second.</summary>
/// <param name="plan">The job's plan.</param>
/// <param name="time">The clock.</param>
/// <param name="told">Gets the progress.</param>
internal sealed class ProgressObserver(JobPlan plan, TimeProvider time, JobObserver told) : JobObserver
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly PlanTracker _tracker = new(plan, time);
    private double? _speed;
    private long _lastTold;
    private PhaseId? _attack;
    private long _attackStarted;
    private int _attackedEarlier;
    private int _budgetsDone;
    private int _modelsDone;

    public override void StateChanged(JobStateChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.State != JobState.Running)
        {
            return;
        }

        // A job that goes on may have done its first phases: those tell by themselves when they begin.
        if (!Begin(new PhaseId(PhaseKind.Whole)))
        {
            Tell(atOnce: true);
        }
    }

    public override void PhaseBegan(PhaseId phase) => Begin(phase);

    public override void PhaseAdvanced(double fraction, string? detail = null)
    {
        _tracker.Advance(fraction, detail);
        Tell(atOnce: false);
    }

    public override void StepDone(string? model, StepReport report)
    {
        var phase = new PhaseId(PhaseKind.Training, model);
        bool begins = Begin(phase);
        _speed = report.ImagesPerSecond;
        if (_tracker.Current?.Id == phase && report.Steps > 0 && report.Epochs > 0)
        {
            _tracker.Advance((report.Epoch - 1 + ((double)report.Step / report.Steps)) / report.Epochs, isFirst: begins && report.Epoch > 1);
        }

        Tell(atOnce: false);
    }

    public override void EpochDone(string? model, EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var phase = new PhaseId(PhaseKind.Training, model);
        Begin(phase);
        _speed = report.ImagesPerSecond;
        if (_tracker.Current?.Id == phase)
        {
            _tracker.Advance((double)report.Epoch / report.Epochs);
        }

        Tell(atOnce: false);
    }

    public override void Attacking(string? model, string split, AttackProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var phase = new PhaseId(PhaseKind.Attack, model, split, progress.Attack);
        if (phase != _attack)
        {
            (_attack, _budgetsDone, _attackedEarlier, _attackStarted) = (phase, 0, 0, time.GetTimestamp());
        }

        Begin(phase);
        if (_tracker.Current is { } current && current.Id == phase)
        {
            double within = progress.Total > 0 ? (double)progress.Done / progress.Total : 0;
            _tracker.Advance((_budgetsDone + within) / Math.Max(1, current.Parts));
        }

        double seconds = time.GetElapsedTime(_attackStarted).TotalSeconds;
        _speed = seconds > 0 ? (_attackedEarlier + progress.Done) / seconds : null;
        Tell(atOnce: false);
    }

    public override void AttackDone(string? model, string split, AttackResult outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        _budgetsDone++;
        _attackedEarlier += outcome.Flipped.Count;
    }

    public override void TheoryModelDone(TheoryModel model)
    {
        _modelsDone++;
        _tracker.Advance((double)_modelsDone / Math.Max(1, _tracker.Current?.Parts ?? 1));
        Tell(atOnce: false);
    }

    /// <summary>The job has done its work.</summary>
    public void Finish() => told.Progressed(_tracker.Now() with { Fraction = 1, SecondsLeft = 0 });

    private bool Begin(PhaseId phase)
    {
        bool begins = _tracker.Begin(phase);
        if (begins)
        {
            _speed = null;
            Tell(atOnce: true);
        }

        return begins;
    }

    private void Tell(bool atOnce)
    {
        if (atOnce || time.GetElapsedTime(_lastTold) >= Pause)
        {
            _lastTold = time.GetTimestamp();
            told.Progressed(_tracker.Now() with { ImagesPerSecond = _speed is { } speed && double.IsFinite(speed) ? speed : null });
        }
    }
}
