using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>How much a suite tries.</summary>
public enum SuiteKind
{
    /// <summary>One start of APGD and FAB, 1,000 queries of Square.</summary>
    Standard,

    /// <summary>Five starts of APGD and FAB, FMN of as many steps, 5,000 queries of Square.</summary>
    Thorough,
}

[Description("The suite: APGD, FAB and Square, of the thorough suite FMN too, the worst of them for each sample.")]
public sealed record SuiteOptions : FixedBudgetOptions
{
    private readonly int? _restarts;
    private readonly int? _queries;

    [Description("How much is tried: what restarts and queries are where they are not given.")]
    public SuiteKind Suite { get; init; }

    [Description("The norm of the perturbation.")]
    [AllowedValues(AttackNorm.L2, AttackNorm.Linf)]
    public override AttackNorm Norm { get; init; } = AttackNorm.Linf;

    [Description("Steps of each start of APGD and of FAB. FMN, which has one start, takes steps times restarts.")]
    [Range(1, 100_000)]
    public int Steps { get; init; } = 100;

    [Description("Starts of APGD and of FAB: 1, of the thorough suite 5.")]
    [Range(1, 10_000)]
    public int Restarts
    {
        get => _restarts ?? (Suite == SuiteKind.Thorough ? 5 : 1);
        init => _restarts = value;
    }

    [Description("Forward passes of Square for each sample at most: 1,000, of the thorough suite 5,000.")]
    [Range(2, 10_000_000)]
    public int Queries
    {
        get => _queries ?? (Suite == SuiteKind.Thorough ? 5_000 : 1_000);
        init => _queries = value;
    }

    [JsonIgnore]
    public override string Name => "suite";

    internal override Attack CreateAttack(AttackSession session) => new SuiteAttack(session, this);
}

/// <summary>
/// APGD, then FAB, then Square, each on the samples that the ones before did not flip (after Croce and Hein 2020; DLR is
/// undefined for one score, so this is not AutoAttack). FAB runs once for each sample: its distance decides every budget. The thorough
/// suite runs FMN beside it (Pintor et al. 2021), for as many steps as FAB's starts have together: its L∞ distances are the smaller
/// ones. The nearer flip of the two decides. Of
/// three classes or more all but Square run towards whichever class is nearest at each step and then aimed at each other class.
/// </summary>
internal sealed class SuiteAttack : FixedBudgetAttack
{
    private readonly ApgdAttack _apgd;
    private readonly MinimumNormAttack[] _measures;
    private readonly SquareAttack _square;
    private readonly Dictionary<int, NearestFlip?> _nearest = [];

    internal SuiteAttack(AttackSession session, SuiteOptions options)
        : base(session, options)
    {
        _apgd = new ApgdAttack(session, new ApgdOptions { Norm = options.Norm, Epsilons = options.Epsilons, Steps = options.Steps, Restarts = options.Restarts, Rounded = options.Rounded, Targets = options.Targets });
        var fab = new FabAttack(session, new FabOptions { Norm = options.Norm, Steps = options.Steps, Restarts = options.Restarts, Rounded = options.Rounded, Targets = options.Targets });
        _measures = options.Suite == SuiteKind.Thorough
            ? [fab, new FmnAttack(session, new FmnOptions { Norm = options.Norm, Steps = options.Steps * options.Restarts, Rounded = options.Rounded, Targets = options.Targets })]
            : [fab];
        _square = new SquareAttack(session, new SquareOptions { Norm = options.Norm, Epsilons = options.Epsilons, Queries = options.Queries, Rounded = options.Rounded });
    }

    /// <summary>Its parts aim, not the whole.</summary>
    internal override bool CanAim => false;

    internal override void Search(AttackBatch batch, double epsilon)
    {
        _apgd.SearchAll(batch, epsilon);
        if (NeedsDistances(batch))
        {
            Measure(batch);
        }

        TakeWithin(batch, epsilon);
        _square.SearchAll(batch, epsilon);
    }

    private bool NeedsDistances(AttackBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            if (!batch.IsFound[row] && !_nearest.ContainsKey(batch.Samples[row]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The searches for the nearest flip, on the rows that are not found; what they find is remembered.</summary>
    private void Measure(AttackBatch batch)
    {
        bool[] before = (bool[])batch.IsFound.Clone();
        foreach (MinimumNormAttack measure in _measures)
        {
            measure.SearchAll(batch);
            for (int row = 0; row < batch.Count; row++)
            {
                if (before[row])
                {
                    continue;
                }

                int sample = batch.Samples[row];
                double distance = batch.IsFound[row] ? batch.Distances[row].In(Options.Norm) : double.PositiveInfinity;
                if (!_nearest.TryGetValue(sample, out NearestFlip? nearest) || distance < (nearest?.Distance ?? double.PositiveInfinity))
                {
                    _nearest[sample] = batch.IsFound[row] ? new NearestFlip(distance, batch.ReadFound(row), measure.Options.Name) : null;
                }

                batch.IsFound[row] = false;
                batch.FoundBy[row] = null;
            }
        }
    }

    private void TakeWithin(AttackBatch batch, double epsilon)
    {
        double limit = BudgetBall.Limit(epsilon);
        for (int row = 0; row < batch.Count; row++)
        {
            if (!batch.IsFound[row] && _nearest.TryGetValue(batch.Samples[row], out NearestFlip? nearest) && nearest?.Distance <= limit)
            {
                batch.WriteFound(row, nearest.Input);
                batch.FoundBy[row] = nearest.Attack;
            }
        }
    }

    private sealed record NearestFlip(double Distance, float[] Input, string Attack);
}
