using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>Is told how a run of attacks goes.</summary>
public interface IAttackObserver
{
    /// <summary>A batch of samples is done.</summary>
    void Progressed(AttackProgress progress);

    /// <summary>A budget, or a minimum-norm attack, is done for all samples.</summary>
    void Finished(AttackResult result);
}

/// <summary>How far an attack is.</summary>
/// <param name="Attack">Index of the attack in the run's list, from 0.</param>
/// <param name="Attacks">Attacks of the run.</param>
/// <param name="Kind">The attack as job files name it.</param>
/// <param name="Norm">Its norm.</param>
/// <param name="Epsilon">The budget; null for a minimum-norm attack.</param>
/// <param name="Done">Samples that are done within this budget.</param>
/// <param name="Total">Samples under attack.</param>
public sealed record AttackProgress(int Attack, int Attacks, string Kind, AttackNorm Norm, double? Epsilon, int Done, int Total);
