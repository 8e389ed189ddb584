using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Core.Attacks;

[Description("Projected gradient descent from a random start.")]
public sealed record PgdOptions : FixedBudgetOptions
{
    [Description("The norm of the perturbation.")]
    [AllowedValues(AttackNorm.L2, AttackNorm.Linf)]
    public override AttackNorm Norm { get; init; } = AttackNorm.Linf;

    [Description("Steps of each restart.")]
    [Range(1, 100_000)]
    public int Steps { get; init; } = 40;

    [Description("Step size, in the scale of the inputs; 2.5 · epsilon / steps of each budget by default.")]
    [Range(1e-9, 1e3)]
    public Fraction? StepSize { get; init; }

    [Description("Random starts; a sample that flipped is not attacked again.")]
    [Range(1, 10_000)]
    public int Restarts { get; init; } = 1;

    [Description("Start at a random point of the ball; else at the sample.")]
    public bool RandomStart { get; init; } = true;

    [Description("Share of the previous direction that each step keeps; 0 for none.")]
    [Range(0.0, 1.0)]
    public double Momentum { get; init; }

    [Description("What the attack climbs.")]
    public AttackObjective Objective { get; init; } = AttackObjective.Margin;

    [JsonIgnore]
    public override string Name => "pgd";

    internal override Attack CreateAttack(AttackSession session) => new PgdAttack(session, this);
}

/// <summary>
/// Projected gradient descent in the ball (Madry et al. 2018): sign steps (L∞) or normalised-gradient steps (L2) from a
/// random start, with restarts; the first iterate that flips counts.
/// </summary>
internal sealed class PgdAttack : FixedBudgetAttack
{
    private readonly PgdOptions _options;
    private readonly SteepestDescent _descent;
    private readonly BallStarts _starts;

    internal PgdAttack(AttackSession session, PgdOptions options)
        : base(session, options)
    {
        _options = options;
        _descent = new SteepestDescent(session, Ball, options.Objective, options.Momentum, options.Rounded);
        _starts = new BallStarts(session, options.Norm, options.Name);
    }

    internal override void Search(AttackBatch batch, double epsilon)
    {
        SteepestDescent descent = _descent;
        ActiveRows active = descent.Active;
        float stepSize = (float)(_options.StepSize?.Value ?? 2.5 * epsilon / _options.Steps);

        // Without a random start every restart would be the same.
        int restarts = _options.RandomStart ? _options.Restarts : 1;
        for (int restart = 0; restart < restarts; restart++)
        {
            active.Reset(batch);
            active.Gather(batch.Clean, descent.Origin);
            if (_options.RandomStart && active.Count > 0)
            {
                _starts.Draw(batch, active, epsilon, restart, descent.Origin, descent.X);
            }
            else
            {
                active.Gather(batch.Clean, descent.X);
            }

            descent.Run(_options.Steps, stepSize, (float)epsilon);
        }
    }
}
