using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

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

    [Description("The first constant, as a multiple of the one that would suffice if the score were linear.")]
    [Range(1e-9, 1e9)]
    public double InitialConstant { get; init; } = 0.3;

    [Description("Adam's first learning rate, in tanh space; where inputs have no bounds, as a share of how far off the boundary would be if the score were linear; it falls to 0 as a cosine.")]
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
/// minimises ‖x − o‖² + c·max(margin + κ, 0) with Adam over w (learning rate falling to 0), x = low + (high − low)·(tanh w + 1)/2 (x = o + D·w
/// without bounds); c by binary search for each sample. Lengths are in units of D = m/‖∇m‖₂ and constants in units of 2·D²/m, with the margin m
/// and its gradient at the sample, so that neither the scale of the inputs nor that of the scores matters. Without bounds D grows with each constant
/// that finds no flip, since the boundary may be farther off than the slope says. The nearest flip of each constant is
/// brought back to the boundary by bisection, and the nearest of these counts.
/// </summary>
internal sealed class CarliniWagnerAttack : MinimumNormAttack
{
    /// <summary>By which D grows where no flip was found; ten constants reach a million times as far as the slope says.</summary>
    private const double Wider = 4;

    private readonly CarliniWagnerOptions _options;
    private readonly ActiveRows _active;
    private readonly ObjectiveGradient _gradient;
    private readonly BoundaryBisection _bisection;
    private readonly Tensor<float> _x;
    private readonly TanhSpaceAdam _space;
    private readonly RowScalars _norms;
    private readonly NearestFlips _nearest;
    private readonly float[] _gradients;
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
        _active = new ActiveRows(session, 0, options.Rounded);
        _gradient = new ObjectiveGradient(session);
        _bisection = new BoundaryBisection(session, options.Rounded);
        _x = session.AllocateRows();
        _space = new TanhSpaceAdam(session, options.LearningRate, options.Steps);
        _norms = session.AllocateScalars();
        _nearest = new NearestFlips(session, options.Norm);
        _gradients = new float[session.Capacity * session.Length];
        _constants = new double[session.Capacity];
        _lower = new double[session.Capacity];
        _upper = new double[session.Capacity];
        _best = new double[session.Capacity];
        _flippedNow = new bool[session.Capacity];
        _mine = new bool[session.Capacity];
    }

    internal override void Search(AttackBatch batch)
    {
        _nearest.Clear();
        for (int row = 0; row < batch.Count; row++)
        {
            _mine[row] = !batch.IsFound[row];
            _constants[row] = _options.InitialConstant;
            _lower[row] = 0;
            _upper[row] = double.PositiveInfinity;
        }

        Measure(batch);
        for (int search = 0; search < _options.SearchSteps; search++)
        {
            Minimize(batch);
            _space.WriteBest(batch, _mine);
            _bisection.Run(batch, _mine);
            Session.Verifier.Verify(batch, Options.Norm, double.PositiveInfinity, _options.Rounded);
            _nearest.Take(batch, _mine);
            for (int row = 0; row < batch.Count; row++)
            {
                NextConstant(row);
            }
        }

        _nearest.WriteTo(batch);
    }

    /// <summary>Each sample's scale: its margin, and how far off the boundary would be if the score were linear.</summary>
    private void Measure(AttackBatch batch)
    {
        ActiveRows active = _active;
        active.Reset(batch, _mine);
        if (active.Count == 0)
        {
            return;
        }

        active.Gather(batch.Clean, _x);
        active.Forward(_x);
        Session.Arithmetic.Norms(_gradient.Climb(active), null, RowNorm.L2, _norms.Tensor, active.Count);
        _norms.Read(active.Count);
        for (int i = 0; i < active.Count; i++)
        {
            _space.Scale(active.Rows[i], active.Margins[i], active.Margins[i] / (double)_norms[i]);
        }

        for (int row = 0; row < batch.Count; row++)
        {
            _mine[row] = false;
        }

        // A sample with a zero gradient cannot leave its place.
        active.Settle();
        foreach (int row in active.Rows)
        {
            _mine[row] = true;
        }
    }

    private void Minimize(AttackBatch batch)
    {
        ActiveRows active = _active;
        active.Reset(batch, _mine);
        _space.Restart(batch);
        Array.Clear(_flippedNow);
        Array.Fill(_best, double.PositiveInfinity);
        for (int step = 0; step < _options.Steps && active.Count > 0; step++)
        {
            _space.Place(active.Rows, _x);
            active.Forward(_x);
            int count = active.Count;
            Span<float> gradients = _gradients.AsSpan(0, count * Session.Length);
            _gradient.Climb(active, keepsStuck: true).Read(gradients);
            active.Judge(_x);
            for (int i = 0; i < count; i++)
            {
                int row = active.Rows[i];
                bool flipped = active.IsFlipped(i);
                if (flipped)
                {
                    TakeFlip(batch, row, isSettled: 2 * step >= _options.Steps);
                }

                bool pushes = active.Margins[i] > -_options.Confidence || !flipped;
                _space.Step(batch, row, gradients.Slice(i * Session.Length, Session.Length), pushes ? _constants[row] : 0, step);
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
        double distance = _space.Distance(batch, row);
        if (distance < _best[row])
        {
            _best[row] = distance;
            _space.KeepBest(row);
            batch.IsFound[row] = true;
        }
    }

    private void NextConstant(int row)
    {
        if (_mine[row] && !double.IsFinite(_nearest.Distance(row)) && _space.Widen(row, Wider))
        {
            // What was too small in units of the shorter D may suffice in those of the longer one.
            _constants[row] *= 10;
            return;
        }

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
