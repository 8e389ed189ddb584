using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

[Description("DeepFool with a bisection back to the boundary: the smallest perturbation found.")]
public sealed record DeepFoolOptions : AttackOptions
{
    [Description("Linearisations at most.")]
    [Range(1, 100_000)]
    public int Steps { get; init; } = 50;

    [Description("Relative overshoot of each step.")]
    [Range(0.0, 10.0)]
    public double Overshoot { get; init; } = 0.02;

    [JsonIgnore]
    public override string Name => "deepFool";

    internal override Attack CreateAttack(AttackSession session) => new DeepFoolAttack(session, this);
}

/// <summary>
/// DeepFool (Moosavi-Dezfooli et al. 2016): to the boundary of the score's linearisation, again and again until the
/// decision flips; each move stays in the box. Then back to the boundary on the segment from the clean input.
/// </summary>
internal sealed class DeepFoolAttack : MinimumNormAttack
{
    /// <summary>How far beyond the boundary each move aims at least, as a share of the clean margin: on it a score may still be level.</summary>
    private const double LeastOvershoot = 2e-5;

    /// <summary>After so many moves this doubles with each: neither the rounding of inputs nor flat float32 scores may stop the search short of a flip.</summary>
    private const int PatientSteps = 10;

    private readonly DeepFoolOptions _options;
    private readonly ActiveRows _active;
    private readonly ObjectiveGradient _gradient;
    private readonly LinearizedMove _move;
    private readonly BoundaryBisection _bisection;
    private readonly Tensor<float> _moved;
    private readonly float[] _targets;

    internal DeepFoolAttack(AttackSession session, DeepFoolOptions options)
        : base(session, options)
    {
        _options = options;
        _active = new ActiveRows(session, 1, options.Rounded);
        _gradient = new ObjectiveGradient(session);
        _move = new LinearizedMove(session, options.Norm);
        _bisection = new BoundaryBisection(session, options.Rounded);
        _moved = session.AllocateRows();
        _targets = new float[session.Capacity];
    }

    internal override void Search(AttackBatch batch)
    {
        ActiveRows active = _active;
        active.Reset(batch);
        active.Gather(batch.Clean, active[0]);
        for (int step = 0; active.Count > 0; step++)
        {
            active.Forward(active[0]);
            if (step == _options.Steps)
            {
                active.Capture(active[0]);
                active.Settle();
                break;
            }

            Tensor<float> gradient = _gradient.Climb(active);
            active.Capture(active[0]);
            for (int i = 0; i < active.Count; i++)
            {
                double beyond = LeastOvershoot * Math.ScaleB(batch.CleanMargins[active.Rows[i]], Math.Max(0, step - PatientSteps));
                _targets[i] = (float)(active.Margins[i] + Math.Max(_options.Overshoot * active.Margins[i], beyond));
            }

            _move.Run(active[0], gradient, _targets.AsSpan(0, active.Count), _moved);
            active[0].CopyFrom(_moved, active.Count * Session.Length);
            active.Settle();
        }

        _bisection.Run(batch);
    }
}
