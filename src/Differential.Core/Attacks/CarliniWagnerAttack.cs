using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

[Description("Carlini and Wagner's L2 attack: Adam in tanh space, binary search over the constant.")]
public sealed record CarliniWagnerOptions : AttackOptions
{
    [Description("The norm of the perturbation: l2 alone.")]
    [AllowedValues(AttackNorm.L2)]
    public override AttackNorm Norm { get; init; } = AttackNorm.L2;

    [Description("Steps of each constant.")]
    [Range(1, 100_000)]
    public int Steps { get; init; } = 200;

    [Description("Constants tried: steps of the binary search.")]
    [Range(1, 100)]
    public int SearchSteps { get; init; } = 9;

    [Description("The first constant.")]
    [Range(1e-9, 1e9)]
    public double InitialConstant { get; init; } = 0.1;

    [Description("Adam's first learning rate, in tanh space (in the scale of the inputs where they have no bounds); it falls to 0 as a cosine.")]
    [Range(1e-9, 1e3)]
    public double LearningRate { get; init; } = 0.05;

    [Description("How far below 0 the signed margin is pushed.")]
    [Range(0.0, 1e6)]
    public double Confidence { get; init; }

    [JsonIgnore]
    public override string Name => "carliniWagner";

    internal override Attack CreateAttack(AttackSession session) => Norm == AttackNorm.L2
        ? new CarliniWagnerAttack(session, this)
        : throw new NotSupportedException("carliniWagner is for the norm l2");
}

/// <summary>
/// Carlini and Wagner 2017, 'Towards evaluating the robustness of neural networks', the L2 attack on one score:
/// minimises ‖x − o‖² + c·max(margin + κ, 0) with Adam over w (learning rate falling to 0), x = low + (high − low)·(tanh w + 1)/2 (x = w without
/// bounds); c by binary search for each sample. The nearest flip is brought back to the boundary by bisection.
/// </summary>
public sealed class CarliniWagnerAttack : MinimumNormAttack
{
    private readonly CarliniWagnerOptions _options;
    private readonly ActiveRows _active;
    private readonly ObjectiveGradient _gradient;
    private readonly FlipCriterion _criterion;
    private readonly BoundaryBisection _bisection;
    private readonly Tensor<float> _x;
    private readonly TanhSpaceAdam _space;
    private readonly float[] _gradients;
    private readonly float[] _margins;
    private readonly double[] _constants;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _best;
    private readonly bool[] _flippedNow;
    private readonly bool[] _mine;

    internal CarliniWagnerAttack(AttackSession session, CarliniWagnerOptions options)
        : base(session, options)
    {
        _options = options;
        _active = new ActiveRows(session, 0, rounded: false);
        _gradient = new ObjectiveGradient(session);
        _criterion = new FlipCriterion(session, options.Rounded);
        _bisection = new BoundaryBisection(session, options.Rounded);
        _x = session.AllocateRows();
        _space = new TanhSpaceAdam(session, options.LearningRate, options.Steps);
        _gradients = new float[session.Capacity * session.Length];
        _margins = new float[session.Capacity];
        _constants = new double[session.Capacity];
        _lower = new double[session.Capacity];
        _upper = new double[session.Capacity];
        _best = new double[session.Capacity];
        _flippedNow = new bool[session.Capacity];
        _mine = new bool[session.Capacity];
    }

    internal override void Search(AttackBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            _mine[row] = !batch.IsFound[row];
            _constants[row] = _options.InitialConstant;
            _lower[row] = 0;
            _upper[row] = double.PositiveInfinity;
            _best[row] = double.PositiveInfinity;
        }

        _space.Load(batch);
        for (int search = 0; search < _options.SearchSteps; search++)
        {
            Minimize(batch);
            for (int row = 0; row < batch.Count; row++)
            {
                NextConstant(row);
            }
        }

        _space.WriteBest(batch);
        _bisection.Run(batch, _mine);
    }

    private void Minimize(AttackBatch batch)
    {
        ActiveRows active = _active;
        active.Reset(batch, _mine);
        _space.Restart();
        Array.Clear(_flippedNow);
        for (int step = 0; step < _options.Steps && active.Count > 0; step++)
        {
            _space.Place(active.Rows, _x);
            active.Forward(_x);
            int count = active.Count;
            Span<float> gradients = _gradients.AsSpan(0, count * Session.Length);
            _gradient.Climb(active).Read(gradients);
            active.Margins.CopyTo(_margins);
            _criterion.Worsen(_x, active.Labels, _margins.AsSpan(0, count));
            for (int i = 0; i < count; i++)
            {
                int row = active.Rows[i];
                if (Decision.IsFlipped(active.Labels[i], _margins[i]))
                {
                    TakeFlip(batch, row, isSettled: 2 * step >= _options.Steps);
                }

                bool pushes = _margins[i] > -_options.Confidence || !Decision.IsFlipped(active.Labels[i], _margins[i]);
                _space.Step(row, gradients.Slice(i * Session.Length, Session.Length), pushes ? _constants[row] : 0, step);
            }

            active.Settle();
        }
    }

    /// <summary>
    /// Any flip may be the nearest, but only one of the second half tells that the constant is large enough: Adam's
    /// first steps have the same length whatever the constant, and carry past the boundary.
    /// </summary>
    private void TakeFlip(AttackBatch batch, int row, bool isSettled)
    {
        _flippedNow[row] |= isSettled;
        double distance = _space.Distance(row);
        if (distance < _best[row])
        {
            _best[row] = distance;
            _space.KeepBest(row);
            batch.IsFound[row] = true;
        }
    }

    private void NextConstant(int row)
    {
        if (_flippedNow[row])
        {
            _upper[row] = _constants[row];
        }
        else
        {
            _lower[row] = _constants[row];
        }

        _constants[row] = double.IsFinite(_upper[row]) ? (_lower[row] + _upper[row]) / 2 : _constants[row] * 10;
    }
}
