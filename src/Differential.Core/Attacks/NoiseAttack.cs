using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>Distributions of noise.</summary>
public enum NoiseDistribution
{
    /// <summary>L∞: each value uniform in [−ε, ε]. L2: a uniform direction of length ε.</summary>
    Uniform,

    /// <summary>Each value normal, of deviation ε/2 (L∞) or ε/√d (L2), then projected on the ball.</summary>
    Gaussian,
}

[Description("Random noise: the baseline that must do far worse than an attack.")]
public sealed record NoiseOptions : FixedBudgetOptions
{
    [Description("The norm of the perturbation.")]
    [AllowedValues(AttackNorm.L2, AttackNorm.Linf)]
    public override AttackNorm Norm { get; init; } = AttackNorm.Linf;

    [Description("How the noise is distributed.")]
    public NoiseDistribution Distribution { get; init; } = NoiseDistribution.Uniform;

    [Description("Draws for each sample; one flip is enough.")]
    [Range(1, 1_000_000)]
    public int Draws { get; init; } = 100;

    [JsonIgnore]
    public override string Name => "noise";

    internal override Attack CreateAttack(AttackSession session) => new NoiseAttack(session, this);
}

/// <summary>Draws noise until a sample flips or the draws are used up.</summary>
internal sealed class NoiseAttack : FixedBudgetAttack
{
    private readonly NoiseOptions _options;
    private readonly ActiveRows _active;
    private readonly Tensor<float> _x;
    private readonly RowScalars _ones;
    private readonly RowScalars _radii;
    private readonly float[] _values;
    private readonly RandomStream[] _streams;

    internal NoiseAttack(AttackSession session, NoiseOptions options)
        : base(session, options)
    {
        _options = options;
        _active = new ActiveRows(session, 1, options.Rounded);
        _x = session.AllocateRows();
        _ones = session.AllocateScalars();
        _radii = session.AllocateScalars();
        _values = new float[session.Capacity * session.Length];
        _streams = new RandomStream[session.Capacity];
    }

    internal override bool CanAim => false;

    internal override void Search(AttackBatch batch, double epsilon)
    {
        ActiveRows active = _active;
        active.Reset(batch);
        active.Gather(batch.Clean, active[0]);
        foreach (int row in active.Rows)
        {
            _streams[row] = Session.Stream($"noise/{_options.Norm.Text()}", batch.Samples[row], 0, epsilon);
        }

        for (int draw = 0; draw < _options.Draws && active.Count > 0; draw++)
        {
            int count = active.Count;
            for (int i = 0; i < count; i++)
            {
                Draw(_streams[active.Rows[i]], epsilon, _values.AsSpan(i * Session.Length, Session.Length));
            }

            _x.Write(_values.AsSpan(0, count * Session.Length));
            _ones.Fill(1, count);
            Session.Arithmetic.Combine(_ones.Tensor, _x, _ones.Tensor, active[0], _x, count);
            Session.BallStep.Project(_x, active[0], Ball, _radii.Fill((float)epsilon, count), Session.Low, Session.High, count);
            active.Forward(_x);
            active.Capture(_x);
            active.Settle();
        }
    }

    private void Draw(RandomStream random, double epsilon, Span<float> noise)
    {
        bool uniformBox = _options is { Norm: AttackNorm.Linf, Distribution: NoiseDistribution.Uniform };
        double deviation = _options.Norm == AttackNorm.Linf ? epsilon / 2 : epsilon / Math.Sqrt(noise.Length);
        double squares = 0;
        foreach (ref float value in noise)
        {
            value = (float)(uniformBox ? random.NextDouble(-epsilon, epsilon) : deviation * random.NextNormal());
            squares += (double)value * value;
        }

        if (_options is { Norm: AttackNorm.L2, Distribution: NoiseDistribution.Uniform })
        {
            float scale = (float)(epsilon / Math.Sqrt(squares));
            foreach (ref float value in noise)
            {
                value *= scale;
            }
        }
    }
}
