using Differential.Core.Attacks;
using Differential.Core.Training;
using Differential.Service.Progress;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Sweep;

/// <summary>Tells the sweep's observer how one of its jobs goes, under the job's label.</summary>
internal sealed class SweepObserver(JobObserver sweep, string label) : JobObserver
{
    public override void StepDone(string? model, StepReport report) => sweep.StepDone(Name(model), report);

    public override void EpochDone(string? model, EpochReport report) => sweep.EpochDone(Name(model), report);

    public override void Attacking(string? model, string split, AttackProgress progress) => sweep.Attacking(Name(model), split, progress);

    public override void AttackDone(string? model, string split, AttackResult outcome) => sweep.AttackDone(Name(model), split, outcome);

    public override void Message(string text) => sweep.Message($"{label}: {text}");

    public override void Warning(string text) => sweep.Warning($"{label}: {text}");

    public override void CheckWarned(string? model, string check, string text) => sweep.CheckWarned(Name(model), check, text);

    public override void Progressed(JobProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        sweep.PhaseAdvanced(progress.Fraction, progress.Where);
    }

    private string Name(string? model) => model is null ? label : $"{label}-{model}";
}
