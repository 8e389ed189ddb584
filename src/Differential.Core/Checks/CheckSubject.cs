
using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Core.Numerics;

namespace Differential.Core.Checks;

/// <summary>
/// A model under evaluation as checks see it: some of the run's attacked samples, the run's results, and attacks on these samples.
/// An attack that several checks ask for runs once.
/// </summary>
public sealed class CheckSubject
{
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<(AttackOptions Attack, float Scale, bool Keep), SplitAttackResult> _results = [];
    private readonly Dictionary<double, IReadOnlyList<Fraction>> _budgets = [];

    /// <param name="model">The model.</param>
    /// <param name="data">The split that the run attacked.</param>
    /// <param name="run">Its results; at least one sample was attacked.</param>
    /// <param name="options">Samples, norm and budget.</param>
    /// <param name="cancellation">Ends the attacks.</param>
    public CheckSubject(IScoreModel model, Dataset data, SplitAttackResult run, CheckOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfZero(run.Attacked, nameof(run));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Epsilon, nameof(options));
        Model = model;
        Run = run;
        Options = options;
        _cancellation = cancellation;
        Samples = data.Select([.. run.Samples.Take(options.Samples).Select(static sample => sample.Index)]);
    }

    public IScoreModel Model { get; }

    /// <summary>The run's own results, on all of its samples.</summary>
    public SplitAttackResult Run { get; }

    public CheckOptions Options { get; }

    /// <summary>The samples that checks attack: the first of those that the run attacked.</summary>
    public Dataset Samples { get; }

    /// <summary>What the run knows of its samples' margins; empty where nothing was certified.</summary>
    public IReadOnlyList<MarginBracket> Brackets { get; init; } = [];

    /// <summary>Differences of so many samples are taken for chance: one, or 2 % where that is more.</summary>
    public int Slack => Math.Max(1, Samples.Count / 50);

    /// <summary>PGD as the checks run it: one random start.</summary>
    /// <param name="steps">Times the usual number of steps.</param>
    /// <param name="budget">Times the usual budget.</param>
    /// <param name="objective">What it climbs.</param>
    public PgdOptions Pgd(int steps = 1, double budget = 1, AttackObjective objective = AttackObjective.Margin) => new()
    {
        Norm = Options.Norm,
        Epsilons = Budget(budget),
        Steps = steps * Options.Steps,
        Objective = objective,
    };

    /// <summary>A list of the one budget, so many times the usual one.</summary>
    public IReadOnlyList<Fraction> Budget(double factor = 1)
    {
        if (!_budgets.TryGetValue(factor, out IReadOnlyList<Fraction>? budget))
        {
            _budgets[factor] = budget = [new Fraction(factor * Options.Epsilon)];
        }

        return budget;
    }

    /// <summary>The result of an attack, with one budget, on the samples.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="scale">The score is multiplied by this.</param>
    public AttackResult Attack(AttackOptions attack, float scale = 1) => Result(attack, scale, keep: false).Attacks[0];

    /// <summary>The same with the adversarial inputs, and the samples that they belong to.</summary>
    public SplitAttackResult Adversarial(AttackOptions attack) => Result(attack, 1, keep: true);

    private SplitAttackResult Result(AttackOptions attack, float scale, bool keep)
    {
        if (!_results.TryGetValue((attack, scale, keep), out SplitAttackResult? result))
        {
            var options = new AttackRunOptions { Attacks = [attack], Seed = Options.Seed, KeepAdversarial = keep };
            using var scaled = new ScaledScoreModel(Model, scale);
            _results[(attack, scale, keep)] = result = AttackRunner.Run(scale == 1 ? Model : scaled, Samples, options, null, _cancellation);
        }

        return result;
    }
}
