using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Batches;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;

namespace Differential.Core.Training;

/// <summary>Training on inputs that are attacked at each step: the baselines for ordinary networks.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PgdTrainingOptions), "pgd")]
[JsonDerivedType(typeof(TradesOptions), "trades")]
public abstract record AdversarialTrainingOptions
{
    [Description("The norm of the perturbation.")]
    [AllowedValues(AttackNorm.L2, AttackNorm.Linf)]
    public AttackNorm Norm { get; init; } = AttackNorm.L2;

    [Description("Radius of the ball around each sample, in the scale of the inputs; may be written \"8/255\".")]
    [Range(1e-9, 1e3)]
    public Fraction Epsilon { get; init; } = 0.5;

    [Description("Steps of the attack on each batch.")]
    [Range(1, 1_000)]
    public int Steps { get; init; } = 7;

    [Description("Step size; 2.5 · epsilon / steps by default.")]
    [Range(1e-9, 1e3)]
    public Fraction? StepSize { get; init; }

    [Description("Epochs, fractions too, in which radius and step size grow linearly from 0 to their full values; 0 (default): full from the first step.")]
    [Range(0.0, 1e6)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Warmup { get; init; }

    /// <summary>The step size, given or by default.</summary>
    [JsonIgnore]
    public double EffectiveStepSize => StepSize?.Value ?? 2.5 * Epsilon.Value / Steps;

    /// <summary>
    /// Share of radius and step size in a step of the run: min(1, (t + 1) / (warmup · steps of an epoch)), above 0 and at most 1. A
    /// function of the step's number alone, so that a checkpoint needs nothing of it.
    /// </summary>
    /// <param name="step">t, number of the step in the run, from 0.</param>
    /// <param name="stepsPerEpoch">At least 1.</param>
    public double ShareAt(long step, int stepsPerEpoch) => Math.Min(1, (step + 1) / (Warmup * stepsPerEpoch));

    /// <summary>The gradient of a training with these settings; the caller owns it.</summary>
    internal abstract MiniBatchGradient CreateGradient(Network network, SampleBatches data, TrainingOptions options);
}

[Description("The loss of the attacked batch alone (Madry et al. 2018): PGD on the margin from a random start.")]
public sealed record PgdTrainingOptions : AdversarialTrainingOptions
{
    internal override MiniBatchGradient CreateGradient(Network network, SampleBatches data, TrainingOptions options) => new PgdGradient(network, data, options, this);
}

[Description("TRADES (Zhang et al. 2019): the loss of the clean batch plus beta times the mean Kullback-Leibler divergence of the decision's probability (of three classes or more the softmax's) from clean to attacked.")]
public sealed record TradesOptions : AdversarialTrainingOptions
{
    [Description("Weight of the divergence.")]
    [Range(0.0, 1e6)]
    public double Beta { get; init; } = 6;

    internal override MiniBatchGradient CreateGradient(Network network, SampleBatches data, TrainingOptions options) => new TradesGradient(network, data, options, this);
}
