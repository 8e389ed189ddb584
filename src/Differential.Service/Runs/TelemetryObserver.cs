using Differential.Core.Attacks;
using Differential.Core.Decisions;
using Differential.Core.Numerics;
using Differential.Core.Training;
using Differential.Service.Jobs;
using Differential.Service.Observability;
using Differential.Service.Progress;

namespace Differential.Service.Runs;

/// <summary>Tells the instruments and the list of live jobs how one job goes.</summary>
internal sealed class TelemetryObserver(string id, string kind, ServiceMeter meter, LiveJobs live, TimeProvider time) : JobObserver
{
    private long _start;

    public override void StateChanged(JobStateChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.State == JobState.Running)
        {
            _start = time.GetTimestamp();
            live.Begin(new LiveJob { Id = id, Title = change.Title, State = change.State, Device = change.Device });
        }
        else
        {
            live.End(id, change.State);
            meter.JobEnded(kind, change.State.ToText(), time.GetElapsedTime(_start).TotalSeconds);
        }
    }

    public override void StepDone(string? model, StepReport report) => live.Change(id, job => job with
    {
        Model = model,
        Phase = $"epoch {report.Epoch} of {report.Epochs}",
        ImagesPerSecond = Finite(report.ImagesPerSecond),
    });

    public override void EpochDone(string? model, EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        live.Change(id, job => job with
        {
            Model = model,
            Loss = Finite(report.Loss),
            ScoreMargin = Finite(report.ScoreMargin),
            TrainAccuracy = Finite(report.TrainAccuracy),
            TestAccuracy = Finite(report.TestAccuracy),
            ImagesPerSecond = Finite(report.ImagesPerSecond),
        });
    }

    public override void Attacking(string? model, string split, AttackProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        string budget = progress.Epsilon is double epsilon ? $" within {new Fraction(epsilon).ToText()}" : string.Empty;
        live.Change(id, job => job with
        {
            Model = model,
            Phase = $"{progress.Kind} {progress.Norm.Text()}{budget} on {split}",
            ImagesPerSecond = null,
        });
    }

    public override void AttackDone(string? model, string split, AttackResult outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        if (outcome.Epsilon is double epsilon)
        {
            var rate = new LiveFlipRate(model, split, outcome.Kind, outcome.Norm.Text(), epsilon, outcome.FlipRate);
            live.Change(id, job => job with { FlipRates = [.. job.FlipRates.Where(f => f with { Rate = rate.Rate } != rate), rate] });
        }
    }

    public override void PhaseBegan(PhaseId phase)
    {
        ArgumentNullException.ThrowIfNull(phase);
        if (phase.Kind != PhaseKind.Job)
        {
            live.Change(id, job => job with { Model = phase.Network, Phase = null, ImagesPerSecond = null });
        }
    }

    public override void Progressed(JobProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        live.Change(id, job => job with { Progress = progress, AttackedPerSecond = job.ImagesPerSecond is null ? progress.ImagesPerSecond : null });
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
