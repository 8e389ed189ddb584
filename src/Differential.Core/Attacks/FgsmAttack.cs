using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

[Description("One step of the fast gradient sign method (L∞) or of the normalised gradient (L2).")]
public sealed record FgsmOptions : FixedBudgetOptions
{
    [Description("The norm of the perturbation.")]
    [AllowedValues(AttackNorm.L2, AttackNorm.Linf)]
    public override AttackNorm Norm { get; init; } = AttackNorm.Linf;

    [Description("What the attack climbs.")]
    public AttackObjective Objective { get; init; } = AttackObjective.Margin;

    [JsonIgnore]
    public override string Name => "fgsm";

    internal override Attack CreateAttack(AttackSession session) => new FgsmAttack(session, this);
}

/// <summary>One step of length ε from the sample along the gradient's sign, or along the gradient (Goodfellow et al. 2015).</summary>
internal sealed class FgsmAttack : FixedBudgetAttack
{
    private readonly SteepestDescent _descent;

    internal FgsmAttack(AttackSession session, FgsmOptions options)
        : base(session, options) => _descent = new SteepestDescent(session, Ball, options.Objective, momentum: 0, options.Rounded);

    internal override void Search(AttackBatch batch, double epsilon)
    {
        SteepestDescent descent = _descent;
        descent.Active.Reset(batch);
        descent.Active.Gather(batch.Clean, descent.Origin);
        descent.Active.Gather(batch.Clean, descent.X);
        descent.Run(1, (float)epsilon, (float)epsilon);
    }
}
