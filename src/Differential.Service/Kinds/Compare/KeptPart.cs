using Differential.Core.Attacks;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Train;

namespace Differential.Service.Kinds.Compare;

/// <summary>What a job leaves that did one network of a comparison: <c>part.json</c>, of which all networks' table is made.</summary>
internal sealed record KeptPart(TrainedPart Trained, IReadOnlyList<KeptAttacks> Attacks, EvaluatedPart Evaluated, IReadOnlyList<string> Names)
{
    public const string Stage = "part";

    /// <summary>The network's smallest flips.</summary>
    public PartPictures? Pictures { get; init; }

    public static KeptPart Of(ComparedPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return new KeptPart(part.Trained, [.. part.Attacks.Select(a => new KeptAttacks(a.Split, a.Result))], part.Evaluated, part.Names) { Pictures = part.Pictures };
    }

    /// <summary>Reads it from a job's folder; null where there is none.</summary>
    public static KeptPart? Read(string folder) => new StageCache(folder).Read<KeptPart>(Stage, string.Empty);

    /// <summary>The network among the others of its comparison.</summary>
    /// <param name="run">Which of them it is.</param>
    /// <param name="folder">Of its model file, within the comparison's.</param>
    public ComparedPart ToPart(CompareRun run, string folder)
    {
        ArgumentNullException.ThrowIfNull(run);
        EvaluatedPart evaluated = Evaluated with { Checks = [.. Evaluated.Checks.Select(c => c with { Model = run.Label })] };
        return new ComparedPart(run, Trained, [.. Attacks.Select(a => (a.Split, a.Result))], evaluated) { Folder = folder, Names = Names, Pictures = Pictures };
    }
}

/// <summary>The attacks on a split.</summary>
internal sealed record KeptAttacks(string Split, SplitAttackResult Result);
