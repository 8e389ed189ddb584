using Differential.Core.Attacks;
using Differential.Core.Theory;
using Differential.Core.Training;
using Differential.Service.Jobs;
using Differential.Service.Progress;

namespace Differential.Service.Runs;

/// <summary>Is told how a job goes. Calls come from the job's own thread, in order.</summary>
public abstract class JobObserver
{
    /// <summary>The job started, went on from its checkpoint, or ended.</summary>
    public virtual void StateChanged(JobStateChange change)
    {
    }

    /// <summary>A training step is done; called often.</summary>
    /// <param name="model">The model of a comparison; null elsewhere.</param>
    /// <param name="report">How far the training is.</param>
    public virtual void StepDone(string? model, StepReport report)
    {
    }

    /// <summary>An epoch is done.</summary>
    public virtual void EpochDone(string? model, EpochReport report)
    {
    }

    /// <summary>A batch of attacked samples is done; called often.</summary>
    public virtual void Attacking(string? model, string split, AttackProgress progress)
    {
    }

    /// <summary>An attack is done for one budget, or without one.</summary>
    public virtual void AttackDone(string? model, string split, AttackResult outcome)
    {
    }

    /// <summary>A linear model of a theory job is trained.</summary>
    public virtual void TheoryModelDone(TheoryModel model)
    {
    }

    /// <summary>Anything else worth a line.</summary>
    public virtual void Message(string text)
    {
    }

    /// <summary>Something that the job's owner should know before believing its figures.</summary>
    public virtual void Warning(string text) => Message(text);

    /// <summary>A check of the evaluation warned; the result's tables say so too.</summary>
    /// <param name="model">The network of a comparison; null elsewhere.</param>
    /// <param name="check">The check's name.</param>
    /// <param name="text">What came out.</param>
    public virtual void CheckWarned(string? model, string check, string text) => Warning($"{(model is null ? string.Empty : model + ", ")}{check}: {text}");

    /// <summary>A phase of the job's plan begins. Training steps and attacks tell so by themselves.</summary>
    public virtual void PhaseBegan(PhaseId phase)
    {
    }

    /// <summary>The phase that began last has come so far.</summary>
    /// <param name="fraction">Of the phase, in [0, 1].</param>
    /// <param name="detail">Where it stands, in words; null where its parts tell that.</param>
    public virtual void PhaseAdvanced(double fraction, string? detail = null)
    {
    }

    /// <summary>The whole job has come so far; told some times a second.</summary>
    public virtual void Progressed(JobProgress progress)
    {
    }
}

/// <summary>A change of a job's state.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="Title">Its name or kind.</param>
/// <param name="State">The new state.</param>
/// <param name="Device">Where it runs.</param>
/// <param name="Folder">The run's folder.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Resumed">Whether a running job goes on from a checkpoint.</param>
public sealed record JobStateChange(string Id, string Title, JobState State, string Device, string Folder, string? Error = null, bool Resumed = false)
{
    /// <summary>The change in one word: started, resumed, interrupted, done, failed or cancelled.</summary>
    public string Word => State != JobState.Running ? State.ToText() : Resumed ? "resumed" : "started";
}
