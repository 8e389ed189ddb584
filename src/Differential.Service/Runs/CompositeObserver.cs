using Differential.Core.Attacks;
using Differential.Core.Theory;
using Differential.Core.Training;

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

    private void Each(Action<JobObserver> tell)
    {
        foreach (JobObserver observer in observers)
        {
            tell(observer);
        }
    }
}
