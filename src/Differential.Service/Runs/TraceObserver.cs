using System.Diagnostics;
using Differential.Core.Attacks;
using Differential.Core.Decisions;
using Differential.Core.Theory;
using Differential.Core.Training;
using Differential.Service.Jobs;
using Differential.Service.Progress;

namespace Differential.Service.Runs;

/// <summary>
/// Traces of a job for whoever listens to the source <c>Differential</c>: the job, in it its stages, in these epochs and attacks. A span
/// starts where the one before it ended.
/// </summary>
internal sealed class TraceObserver(string kind, TimeProvider time) : JobObserver
{
    /// <summary>The name of the source.</summary>
    public const string Source = "Differential";

    private static readonly ActivitySource Activities = new(Source);

    private Activity? _job;
    private Activity? _stage;
    private PhaseId? _phase;
    private DateTimeOffset _boundary;

    public override void StateChanged(JobStateChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.State == JobState.Running)
        {
            _boundary = time.GetUtcNow();
            _job = Start($"job {kind}", default);
            _job?.SetTag("job.id", change.Id).SetTag("job.kind", kind).SetTag("job.title", change.Title).SetTag("job.device", change.Device).SetTag("job.resumed", change.Resumed);
            return;
        }

        EndStage();
        _job?.SetTag("job.state", change.State.ToText());
        if (change.Error is { } error)
        {
            _job?.SetStatus(ActivityStatusCode.Error, error);
        }

        End(_job);
        _job = null;
    }

    public override void PhaseBegan(PhaseId phase) => Stage(phase);

    public override void StepDone(string? model, StepReport report) => Stage(new PhaseId(PhaseKind.Training, model));

    public override void EpochDone(string? model, EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Stage(new PhaseId(PhaseKind.Training, model));
        Activity? epoch = Start($"epoch {report.Epoch}", Of(_stage));
        epoch?.SetTag("epoch", report.Epoch).SetTag("loss", report.Loss).SetTag("train.accuracy", report.TrainAccuracy).SetTag("test.accuracy", report.TestAccuracy).SetTag("images.per.second", report.ImagesPerSecond);
        End(epoch);
    }

    public override void Attacking(string? model, string split, AttackProgress progress) => Stage(new PhaseId(PhaseKind.Attack, model, split));

    public override void AttackDone(string? model, string split, AttackResult outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        Stage(new PhaseId(PhaseKind.Attack, model, split));
        Activity? attack = Start($"attack {outcome.Kind}", Of(_stage));
        attack?.SetTag("attack", outcome.Kind).SetTag("norm", outcome.Norm.Text()).SetTag("epsilon", outcome.Epsilon).SetTag("flip.rate", outcome.Epsilon is null ? null : outcome.FlipRate).SetTag("attacked", outcome.Flipped.Count);
        End(attack);
    }

    public override void TheoryModelDone(TheoryModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Activity? training = Start($"training {model.Name}", Of(_stage));
        training?.SetTag("margin", model.Margin).SetTag("iterations", model.Iterations);
        End(training);
    }

    private void Stage(PhaseId phase)
    {
        if (phase == _phase)
        {
            return;
        }

        EndStage();
        _phase = phase;
        _stage = Start(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(phase.Kind.ToString()), Of(_job));
        _stage?.SetTag("network", phase.Network).SetTag("split", phase.Split);
    }

    private void EndStage()
    {
        End(_stage);
        (_stage, _phase) = (null, null);
    }

    private static ActivityContext Of(Activity? parent) => parent?.Context ?? default;

    private Activity? Start(string name, ActivityContext parent) => Activities.StartActivity(name, ActivityKind.Internal, parent, startTime: _boundary);

    private void End(Activity? activity)
    {
        _boundary = time.GetUtcNow();
        activity?.SetEndTime(_boundary.UtcDateTime);
        activity?.Dispose();
    }
}
