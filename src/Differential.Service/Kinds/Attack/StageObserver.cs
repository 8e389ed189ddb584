using Differential.Core.Attacks;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>Tells the job's observer what the attacks on a split tell.</summary>
/// <param name="observer">The job's.</param>
/// <param name="model">The network's name in a comparison; null elsewhere.</param>
/// <param name="split">The split.</param>
internal sealed class StageObserver(JobObserver observer, string? model, string split) : IAttackObserver
{
    public bool HasFinished { get; private set; }

    public void Progressed(AttackProgress progress) => observer.Attacking(model, split, progress);

    public void Finished(AttackResult outcome)
    {
        HasFinished = true;
        observer.AttackDone(model, split, outcome);
    }
}
