using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

/// <summary>Projected steepest-descent steps of the active rows: the inside of FGSM and PGD.</summary>
internal sealed class SteepestDescent
{
    private readonly AttackSession _session;
    private readonly RowNorm _norm;
    private readonly double _momentum;
    private readonly ObjectiveGradient _gradient;
    private readonly RowScalars _steps;
    private readonly RowScalars _radii;
    private readonly RowScalars? _decay;
    private readonly RowScalars? _weights;
    private readonly QueuedDescent? _queued;

    public SteepestDescent(AttackSession session, RowNorm norm, AttackObjective objective, double momentum, bool rounded)
    {
        (_session, _norm, _momentum) = (session, norm, momentum);
        bool queues = session.QueuesSteps && objective == AttackObjective.Margin && momentum == 0 && !rounded;
        _gradient = new ObjectiveGradient(session, objective);
        _steps = session.AllocateScalars();
        _radii = session.AllocateScalars();
        _decay = momentum > 0 ? session.AllocateScalars() : null;
        _weights = momentum > 0 ? session.AllocateScalars() : null;
        Active = new ActiveRows(session, momentum > 0 ? 3 : 2, rounded, keepsPlaces: queues);
        _queued = queues ? new QueuedDescent(session, norm, Active, _gradient, _steps, _radii) : null;
    }

    /// <summary>The samples under way: carried rows x, origin and, with momentum, the direction.</summary>
    public ActiveRows Active { get; }

    /// <summary>Where each sample is.</summary>
    public Tensor<float> X => Active[0];

    /// <summary>The centre of its ball.</summary>
    public Tensor<float> Origin => Active[1];

    /// <summary>
    /// Steps from <see cref="X"/> until a sample flips or the steps are done; each iterate is looked at, the first one
    /// and the last one too, so that the first flip found counts.
    /// </summary>
    public void Run(int steps, float stepSize, float radius)
    {
        if (_queued is not null)
        {
            _queued.Run(steps, stepSize, radius);
            return;
        }

        if (_decay is not null)
        {
            Active[2].Fill(0);
        }

        for (int step = 0; Active.Count > 0; step++)
        {
            Active.Forward(X);
            if (step == steps)
            {
                Active.Capture(X);
                Active.Settle();
                return;
            }

            Tensor<float> direction = Accumulate(_gradient.Climb(Active));
            Active.Capture(X);
            int count = Active.Count;
            _session.BallStep.Step(X, direction, Origin, _norm, _steps.Fill(stepSize, count), _radii.Fill(radius, count), _session.Low, _session.High, count);
            Active.Settle();
        }
    }

    /// <summary>v ← momentum·v + g / ‖g‖₁ (Dong et al. 2018, 'Boosting Adversarial Attacks with Momentum').</summary>
    private Tensor<float> Accumulate(Tensor<float> gradient)
    {
        if (_decay is null || _weights is null)
        {
            return gradient;
        }

        int count = Active.Count;
        for (int i = 0; i < count; i++)
        {
            float size = _gradient.Norms[i];
            _weights[i] = size > 0 && float.IsFinite(size) ? 1 / size : 0;
        }

        _session.Arithmetic.Combine(_decay.Fill((float)_momentum, count), Active[2], _weights.Write(count), gradient, Active[2], count);
        return Active[2];
    }
}
