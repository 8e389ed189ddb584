using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Service.Jobs;

namespace Differential.Service.Kinds.Compare;

/// <summary>Which of the settings of each loss were selected, and what all of them do: the whole frontier.</summary>
public sealed record Selection
{
    public required SelectSamples By { get; init; }

    public required AttackNorm Norm { get; init; }

    public required double Epsilon { get; init; }

    /// <summary>The figure that decided.</summary>
    public required SelectFigure Figure { get; init; }

    /// <summary>Each setting of each loss, in the order of the job.</summary>
    public required IReadOnlyList<Candidate> Candidates { get; init; }

    /// <summary>How far apart the losses' curves are, from accuracy to accuracy.</summary>
    public IReadOnlyList<FrontierDifference> Differences { get; init; } = [];

    /// <summary>Whether a training is of a setting that was selected.</summary>
    internal bool Includes(CompareRun run) => Candidates.Any(candidate => candidate.Picked && candidate.Runs.Any(own => own.Label == run.Label));

    /// <summary>Selects for each name the <see cref="Best"/> setting.</summary>
    /// <param name="select">What decides.</param>
    /// <param name="measured">Every training, with its figures.</param>
    internal static Selection Of(SelectOptions select, IReadOnlyList<(CompareRun Run, CandidateRun Figures)> measured)
    {
        Candidate[] candidates =
        [
            .. measured.GroupBy(item => (item.Run.Name, item.Run.Training.Loss)).Select(group => new Candidate
            {
                Name = group.Key.Name,
                Loss = group.Key.Loss,
                Picked = false,
                Runs = [.. group.Select(item => item.Figures)],
            }),
        ];
        HashSet<Candidate> picked =
        [
            .. candidates.GroupBy(candidate => candidate.Name).Select(group => Best(group, select.Figure)!),
        ];
        return new Selection
        {
            By = select.By,
            Norm = select.At.Norm,
            Epsilon = select.At.Epsilon,
            Figure = select.Figure,
            Candidates = [.. candidates.Select(candidate => candidate with { Picked = picked.Contains(candidate) })],
            Differences = FrontierDifference.Rows(candidates, select.Figure),
        };
    }

    /// <summary>The setting with the largest mean figure on held-out samples; of several the one of the larger accuracy, then the first; null of none.</summary>
    internal static Candidate? Best(IEnumerable<Candidate> candidates, SelectFigure figure) => candidates
        .OrderByDescending(candidate => candidate.Runs.Average(run => run.Validation.Of(figure)))
        .ThenByDescending(static candidate => candidate.Runs.Average(static run => run.Validation.Accuracy))
        .FirstOrDefault();
}

/// <summary>One setting of a loss.</summary>
public sealed record Candidate
{
    public required string Name { get; init; }

    public required LossOptions Loss { get; init; }

    /// <summary>Whether its networks are the ones that are reported.</summary>
    public required bool Picked { get; init; }

    /// <summary>One for each seed.</summary>
    public required IReadOnlyList<CandidateRun> Runs { get; init; }
}

/// <summary>One network of a setting.</summary>
/// <param name="Label">Its folder's, within the run's <c>models</c>.</param>
/// <param name="Seed">Of its training.</param>
/// <param name="Validation">What decides.</param>
/// <param name="Test">What is reported, and decides nothing.</param>
public sealed record CandidateRun(string Label, long Seed, FrontierFigures Validation, FrontierFigures Test);

/// <summary>What a network does on the samples of a split, all of them.</summary>
public sealed record FrontierFigures
{
    public required int Count { get; init; }

    public required double Accuracy { get; init; }

    /// <summary>Mean over the classes of their accuracies.</summary>
    public required double BalancedAccuracy { get; init; }

    /// <summary>Share of samples decided rightly of which margin over Lipschitz constant reaches the budget; null where a layer has no bound.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CertifiedAccuracy { get; init; }

    /// <summary>Accuracy times the share of attacked samples that PGD does not flip within the budget; null where it was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RobustAccuracy { get; init; }

    /// <summary>Correctly decided samples that were attacked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Attacked { get; init; }

    /// <summary>A figure; 0 where it is not there.</summary>
    internal double Of(SelectFigure figure) => figure switch
    {
        SelectFigure.CertifiedAccuracy => CertifiedAccuracy ?? 0,
        SelectFigure.RobustAccuracy => RobustAccuracy ?? 0,
        _ => Accuracy,
    };
}
