using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

/// <summary>
/// Steps along the margin's gradient that the host does not wait for: the device itself notes which rows flip, with what input, and which
/// cannot go on; the host looks after several steps. The flips are those that looking after each step finds, up to the rounding of products that
/// are split by the number of rows. Each step is a device graph. The number of rows that are computed is halved when half of them or fewer are
/// under way, so that few graphs serve a whole attack.
/// </summary>
internal sealed class QueuedDescent
{
    /// <summary>Steps between two looks of the host.</summary>
    internal const int StepsPerLook = 10;

    private readonly AttackSession _session;
    private readonly RowNorm _norm;
    private readonly ActiveRows _active;
    private readonly FlipWatch _watch;
    private readonly ObjectiveGradient _gradient;
    private readonly RowScalars _steps;
    private readonly RowScalars _radii;
    private readonly int[] _labels;
    private readonly int[] _states;
    private readonly int[] _gradients;
    private readonly Dictionary<int, (DeviceGraph Step, DeviceGraph Look)> _graphs = [];

    /// <param name="session">Whose model is ready for device graphs.</param>
    /// <param name="norm">Of the ball.</param>
    /// <param name="active">Rows x and origin; they keep their places.</param>
    /// <param name="gradient">Of the margin.</param>
    /// <param name="steps">Where the rows' step sizes go.</param>
    /// <param name="radii">Where their radii go.</param>
    public QueuedDescent(AttackSession session, RowNorm norm, ActiveRows active, ObjectiveGradient gradient, RowScalars steps, RowScalars radii)
    {
        (_session, _norm, _active, _gradient, _steps, _radii) = (session, norm, active, gradient, steps, radii);
        (int capacity, int scores) = (session.Capacity, session.Model.Scores);
        _watch = session.Own(FlipWatch.Create(session.Model.Device, session.Length, scores, capacity));
        _watch.Thresholds.Write([.. session.Model.Thresholds]);
        _labels = new int[2 * capacity];
        _states = new int[capacity];
        _gradients = new int[capacity];
    }

    /// <summary>As <see cref="SteepestDescent.Run"/>.</summary>
    public void Run(int steps, float stepSize, float radius)
    {
        _steps.Fill(stepSize, _session.Capacity);
        _radii.Fill(radius, _session.Capacity);
        bool isOver = false;
        for (int step = 0; _active.Count > 0 && !isOver;)
        {
            _session.ThrowIfCancelled();
            int width = Width(_active.Count);
            Start(width);
            (DeviceGraph stepGraph, DeviceGraph lookGraph) = Graphs(width);
            int end = Math.Min(step + StepsPerLook, steps);
            for (; step < end; step++)
            {
                stepGraph.Run(() => Step(width));
            }

            isOver = step == steps;
            if (isOver)
            {
                lookGraph.Run(() => Look(width));
            }

            Harvest(width);
        }
    }

    /// <summary>The smallest of capacity, half of it, a quarter, … that holds the rows.</summary>
    private int Width(int rows)
    {
        int width = _session.Capacity;
        while (width / 2 >= rows)
        {
            width /= 2;
        }

        return width;
    }

    private (DeviceGraph Step, DeviceGraph Look) Graphs(int width)
    {
        if (!_graphs.TryGetValue(width, out (DeviceGraph Step, DeviceGraph Look) graphs))
        {
            ComputeDevice device = _session.Model.Device;
            graphs = (_session.Own(device.CreateGraph()), _session.Own(device.CreateGraph()));
            _graphs.Add(width, graphs);
        }

        return graphs;
    }

    private void Start(int width)
    {
        for (int i = 0; i < width; i++)
        {
            bool isActive = i < _active.Count;
            _labels[i] = isActive ? _active.Labels[i].Value : 0;
            _labels[_session.Capacity + i] = isActive ? _active.Labels[i].Target ?? -1 : -1;
            _states[i] = (int)(isActive ? RowState.Searching : RowState.Idle);
            _gradients[i] = 0;
        }

        _watch.Labels.Write(_labels);
        _watch.States.Write(_states.AsSpan(0, width));
        _watch.Gradients.Write(_gradients.AsSpan(0, width));
    }

    private void Look(int width) =>
        _watch.Look(_active[0], _session.Model.Forward(_active[0], width), _active.Candidates, _gradient.DScores, width);

    private void Step(int width)
    {
        Look(width);
        _session.BallStep.Step(_active[0], _gradient.Queue(width), _active[1], _norm, _steps.Tensor, _radii.Tensor, _session.Low, _session.High, width);
        _watch.Leave(_gradient.Norms.Tensor, _active[0], _active[1], width);
    }

    private void Harvest(int width)
    {
        _watch.States.Read(_states.AsSpan(0, width));
        _watch.Gradients.Read(_gradients.AsSpan(0, width));
        AttackCounters counters = _session.Counters;
        for (int i = 0; i < _active.Count; i++)
        {
            counters.Gradients += _gradients[i];
            switch ((RowState)_states[i])
            {
                case RowState.FlipsNow or RowState.Flipped:
                    _active.Take(i);
                    break;
                case RowState.ZeroGradient:
                    counters.ZeroGradients++;
                    _active.Retire(i);
                    break;
                case RowState.NonFiniteGradient:
                    counters.NonFiniteGradients++;
                    _active.Retire(i);
                    break;
            }
        }

        _active.Settle();
    }
}
