using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

[Description("Auto-PGD on the signed margin: step halving at checkpoints, momentum, the best point kept.")]
public sealed record ApgdOptions : FixedBudgetOptions
{
    [Description("The norm of the perturbation.")]
    [AllowedValues(AttackNorm.L2, AttackNorm.Linf)]
    public override AttackNorm Norm { get; init; } = AttackNorm.Linf;

    [Description("Steps of each restart.")]
    [Range(1, 100_000)]
    public int Steps { get; init; } = 100;

    [Description("Random starts; a sample that flipped is not attacked again.")]
    [Range(1, 10_000)]
    public int Restarts { get; init; } = 1;

    [JsonIgnore]
    public override string Name => "apgd";

    internal override Attack CreateAttack(AttackSession session) => new ApgdAttack(session, this);
}

/// <summary>
/// Auto-PGD (Croce and Hein 2020, 'Reliable evaluation of adversarial robustness with an ensemble of diverse
/// parameter-free attacks', algorithm 1) on the signed margin: a projected step with momentum 0.75; at checkpoints a
/// sample that made too little progress goes back to its best point with half the step. So does, at once, one that came to where the
/// gradient is zero; a random start there is left for the sample itself.
/// </summary>
internal sealed class ApgdAttack : FixedBudgetAttack
{
    private const float Momentum = 0.75f;

    private readonly ApgdOptions _options;
    private readonly ObjectiveGradient _gradient;
    private readonly BallStarts _starts;
    private readonly Tensor<float> _moved;
    private readonly RowScalars _a;
    private readonly RowScalars _b;
    private readonly ApgdProgress _progress;
    private readonly int[] _flat;

    internal ApgdAttack(AttackSession session, ApgdOptions options)
        : base(session, options)
    {
        _options = options;
        Active = new ActiveRows(session, 6, options.Rounded);
        _gradient = new ObjectiveGradient(session);
        _starts = new BallStarts(session, options.Norm, options.Name);
        _moved = session.AllocateRows();
        _a = session.AllocateScalars();
        _b = session.AllocateScalars();
        _progress = new ApgdProgress(session.Capacity, options.Steps);
        _flat = new int[session.Capacity];
    }

    private ActiveRows Active { get; }

    private Tensor<float> X => Active[0];

    private Tensor<float> Origin => Active[1];

    private Tensor<float> Previous => Active[2];

    private Tensor<float> Best => Active[3];

    private Tensor<float> Gradient => Active[4];

    private Tensor<float> BestGradient => Active[5];

    internal override void Search(AttackBatch batch, double epsilon)
    {
        for (int restart = 0; restart < _options.Restarts; restart++)
        {
            Active.Reset(batch);
            Active.Gather(batch.Clean, Origin);
            if (Active.Count > 0)
            {
                _starts.Draw(batch, Active, epsilon, restart, Origin, X);
                Descend((float)epsilon);
            }
        }
    }

    private void Descend(float epsilon)
    {
        ApgdProgress progress = _progress;
        Active.Forward(X);
        Tensor<float> first = _gradient.Climb(Active, keepsStuck: true);
        if (LeaveFlatStarts())
        {
            Active.Forward(X);
            first = _gradient.Climb(Active);
        }

        Keep(Gradient, first);
        Active.Capture(X);
        Keep(BestGradient, Gradient);
        Keep(Best, X);
        Keep(Previous, X);
        progress.Start(Active, 2 * epsilon);
        Active.Settle();
        for (int step = 0; step < _options.Steps && Active.Count > 0; step++)
        {
            Move(epsilon, step == 0 ? 1 : Momentum);
            Active.Forward(X);
            if (step == _options.Steps - 1)
            {
                Active.Capture(X);
                Active.Settle();
                return;
            }

            Keep(Gradient, _gradient.Climb(Active, keepsStuck: true));
            Active.Capture(X);
            ReadOnlySpan<int> improved = progress.Improved(Active, _gradient);
            Replace(improved, X, Best);
            Replace(improved, Gradient, BestGradient);
            ReadOnlySpan<int> halved = progress.Halved(Active, _gradient, step);
            Replace(halved, Best, X);
            Replace(halved, BestGradient, Gradient);
            Active.Settle();
        }
    }

    /// <summary>Puts the samples themselves in the place of starts with a zero gradient that do not flip; whether there were any.</summary>
    private bool LeaveFlatStarts()
    {
        int count = 0;
        for (int i = 0; i < Active.Count; i++)
        {
            if (_gradient.IsStuck(i) && !Active.IsFlipped(i))
            {
                _flat[count++] = i;
            }
        }

        Replace(_flat.AsSpan(0, count), Origin, X);
        return count > 0;
    }

    /// <summary>x ← P(x + a·(P(x + η·u) − x) + (1 − a)·(x − previous)).</summary>
    private void Move(float epsilon, float momentum)
    {
        int count = Active.Count;
        RowArithmetic arithmetic = Session.Arithmetic;
        Keep(_moved, X);
        for (int i = 0; i < count; i++)
        {
            _a[i] = _progress.StepSize(Active.Rows[i]);
        }

        Session.BallStep.Step(_moved, Gradient, Origin, Ball, _a.Write(count), _b.Fill(epsilon, count), Session.Low, Session.High, count);
        arithmetic.Combine(_a.Fill(2 * (1 - momentum), count), X, _b.Fill(momentum - 1, count), Previous, Previous, count);
        arithmetic.Combine(_a.Fill(momentum, count), _moved, _b.Fill(1, count), Previous, _moved, count);
        Keep(Previous, X);
        Keep(X, _moved);
        Session.BallStep.Project(X, Origin, Ball, _b.Fill(epsilon, count), Session.Low, Session.High, count);
    }

    /// <summary>The active rows of <paramref name="to"/> become those of <paramref name="from"/>.</summary>
    private void Keep(Tensor<float> to, Tensor<float> from) => to.CopyFrom(from, Active.Count * Session.Length);

    private void Replace(ReadOnlySpan<int> rows, Tensor<float> from, Tensor<float> to)
    {
        Session.Gather(from, rows, _moved);
        Session.Scatter(_moved, rows, to);
    }
}
