using Differential.Core.Attacks;
using Differential.Core.Theory;
using Differential.Core.Training;
using Differential.Service.Progress;

namespace Differential.Service.Runs;

/// <summary>Tells several observers, in order.</summary>
internal sealed class CompositeObserver(params IReadOnlyList<JobObserver> observers) : JobObserver
{
    public override void StateChanged(JobStateChange change) => Each(o => o.StateChanged(change));

    public override void StepDone(string? model, StepReport report)
    {
        foreach (JobObserver observer in observers)
        {
            observer.StepDone(model, report);
        }
    }

    public override void EpochDone(string? model, EpochReport report) => Each(o => o.EpochDone(model, report));

    public override void Attacking(string? model, string split, AttackProgress progress) => Each(o => o.Attacking(model, split, progress));

    public override void AttackDone(string? model, string split, AttackResult outcome) => Each(o => o.AttackDone(model, split, outcome));

    public override void TheoryModelDone(TheoryModel model) => Each(o => o.TheoryModelDone(model));

    public override void Message(string text) => Each(o => o.Message(text));

    public override void Warning(string text) => Each(o => o.Warning(text));

    public override void CheckWarned(string? model, string check, string text) => Each(o => o.CheckWarned(model, check, text));

    public override void PhaseBegan(PhaseId phase) => Each(o => o.PhaseBegan(phase));

    public override void PhaseAdvanced(double fraction, string? detail = null) => Each(o => o.PhaseAdvanced(fraction, detail));

    public override void Progressed(JobProgress progress) => Each(o => o.Progressed(progress));

    private void Each(Action<JobObserver> tell)
    {
        foreach (JobObserver observer in observers)
        {
            tell(observer);
        }
    }
}
