using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

[Description("Square: random search over windows with the score alone, no gradient.")]
public sealed record SquareOptions : FixedBudgetOptions
{
    [Description("The norm of the perturbation.")]
    [AllowedValues(AttackNorm.L2, AttackNorm.Linf)]
    public override AttackNorm Norm { get; init; } = AttackNorm.Linf;

    [Description("Forward passes for each sample at most.")]
    [Range(2, 10_000_000)]
    public int Queries { get; init; } = 2_000;

    [Description("Share of the pixels in the first windows.")]
    [Range(1e-6, 1.0)]
    public double WindowShare { get; init; } = 0.8;

    [JsonIgnore]
    public override string Name => "square";

    internal override Attack CreateAttack(AttackSession session) => new SquareAttack(session, this);
}

/// <summary>
/// Square (Andriushchenko et al. 2020, 'Square Attack: a query-efficient black-box adversarial attack via random
/// search'): a changed window is kept where it lowers the signed margin; the windows shrink with the queries.
/// </summary>
internal sealed class SquareAttack : FixedBudgetAttack
{
    private static readonly int[] Halvings = [10, 50, 200, 500, 1_000, 2_000, 4_000, 6_000, 8_000];

    private readonly SquareOptions _options;
    private readonly ActiveRows _active;
    private readonly Tensor<float> _x;
    private readonly SquareProposal _proposal;
    private readonly float[] _clean;
    private readonly float[] _best;
    private readonly float[] _candidates;
    private readonly float[] _margins;
    private readonly RandomStream[] _streams;

    internal SquareAttack(AttackSession session, SquareOptions options)
        : base(session, options)
    {
        _options = options;
        int length = session.Capacity * session.Length;
        _active = new ActiveRows(session, 0, options.Rounded);
        _x = session.AllocateRows();
        _proposal = SquareProposal.Create(options.Norm, session.Model.SampleShape, session.Low, session.High);
        _clean = new float[length];
        _best = new float[length];
        _candidates = new float[length];
        _margins = new float[session.Capacity];
        _streams = new RandomStream[session.Capacity];
    }

    internal override bool CanAim => false;

    internal override void Search(AttackBatch batch, double epsilon)
    {
        ActiveRows active = _active;
        active.Reset(batch);
        batch.Clean.Read(_clean.AsSpan(0, batch.Count * Session.Length));
        foreach (int row in active.Rows)
        {
            _streams[row] = Session.Stream($"square/{_options.Norm.Text()}", batch.Samples[row], 0, epsilon);
            _margins[row] = float.PositiveInfinity;
        }

        for (int query = 0; query < _options.Queries && active.Count > 0; query++)
        {
            int count = active.Count;
            for (int i = 0; i < count; i++)
            {
                int row = active.Rows[i];
                Span<float> candidate = Row(_candidates, i);
                if (query == 0)
                {
                    _proposal.Start(_streams[row], Row(_clean, row), epsilon, candidate);
                }
                else
                {
                    _proposal.Change(_streams[row], Row(_clean, row), Row(_best, row), epsilon, Share(query), candidate);
                }
            }

            _x.Write(_candidates.AsSpan(0, count * Session.Length));
            active.Forward(_x);
            active.Capture(_x);
            KeepBetter();
            active.Settle();
        }
    }

    private Span<float> Row(float[] rows, int row) => rows.AsSpan(row * Session.Length, Session.Length);

    private void KeepBetter()
    {
        ActiveRows active = _active;
        for (int i = 0; i < active.Count; i++)
        {
            int row = active.Rows[i];
            if (active.Margins[i] < _margins[row])
            {
                _margins[row] = active.Margins[i];
                Row(_candidates, i).CopyTo(Row(_best, row));
            }
        }
    }

    /// <summary>The share of pixels in a window: halved at set points of the queries (section 3.2 of the paper, scaled to 10,000).</summary>
    private double Share(int query)
    {
        double scaled = query * 10_000.0 / _options.Queries;
        double share = _options.WindowShare;
        foreach (int at in Halvings)
        {
            share /= scaled > at ? 2 : 1;
        }

        return share;
    }
}
