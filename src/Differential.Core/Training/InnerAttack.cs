using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Training;

/// <summary>Writes the slopes by which a sample's scores climb.</summary>
/// <param name="row">The sample's place in the batch.</param>
/// <param name="scores">Its scores.</param>
/// <param name="slopes">As many; overwritten.</param>
internal delegate void ScoreSlopes(int row, ReadOnlySpan<float> scores, Span<float> slopes);

/// <summary>Projected steps on a whole batch inside a training step, from a random start.</summary>
internal sealed class InnerAttack : IDisposable
{
    private readonly OwnedResources _owned = new();
    private readonly AdversarialTrainingOptions _options;
    private readonly long _seed;
    private readonly int _stepsPerEpoch;
    private readonly NetworkPlan _plan;
    private readonly RowArithmetic _arithmetic;
    private readonly BallStep _ballStep;
    private readonly RowNorm _norm;
    private readonly float _low;
    private readonly float _high;
    private readonly Tensor<float> _ones;
    private readonly Tensor<float> _steps;
    private readonly Tensor<float> _radii;
    private readonly Tensor<float> _dScores;
    private readonly float[] _offsets;
    private readonly float[] _scores;
    private readonly float[] _slopes;
    private readonly int _scoreCount;
    private double _share = 1;

    /// <param name="network">Whose scores are attacked.</param>
    /// <param name="data">Shape, box and number of scores of the samples.</param>
    /// <param name="options">Radius, steps and warm-up.</param>
    /// <param name="maxBatch">Samples of a batch at most.</param>
    /// <param name="stepsPerEpoch">What an epoch of the warm-up is worth.</param>
    /// <param name="seed">Of the random starts.</param>
    public InnerAttack(Network network, Dataset data, AdversarialTrainingOptions options, int maxBatch, int stepsPerEpoch, long seed)
    {
        (_options, _stepsPerEpoch, _seed) = (options, stepsPerEpoch, seed);
        _norm = options.Norm.Kernel();
        (_low, _high) = (data.Low, data.High);
        ComputeDevice device = network.Device;
        _offsets = new float[maxBatch * data.SampleShape.Length];
        _scoreCount = data.Scores;
        _scores = new float[maxBatch * _scoreCount];
        _slopes = new float[maxBatch * _scoreCount];
        try
        {
            _plan = _owned.Add(network.Plan(maxBatch, PlanPurpose.Attack));
            _arithmetic = _owned.Add(RowArithmetic.Create(device, data.SampleShape.Length, maxBatch));
            _ballStep = _owned.Add(BallStep.Create(device, data.SampleShape.Length, maxBatch));
            _ones = Constant(1, maxBatch);
            _steps = Constant((float)options.EffectiveStepSize, maxBatch);
            _radii = Constant((float)options.Epsilon.Value, maxBatch);
            _dScores = Constant(0, maxBatch * _scoreCount);
        }
        catch
        {
            _owned.Dispose();
            throw;
        }

        Tensor<float> Constant(float value, int length)
        {
            Tensor<float> tensor = _owned.Add(device.Allocate(new Shape(length)));
            tensor.Fill(value);
            return tensor;
        }
    }

    /// <summary>
    /// Draws the random offsets of a step from the step's own stream, on the host, and writes them into x. L∞: uniform in the cube; L2: a
    /// uniform direction and length. Brings radius and step size of that step to the device where the warm-up changed them: what follows
    /// may be a device graph, which sees no numbers of the host.
    /// </summary>
    /// <param name="x">[at least count, …sample].</param>
    /// <param name="step">Number of the step in the run.</param>
    /// <param name="count">Samples.</param>
    public void Draw(Tensor<float> x, long step, int count)
    {
        var random = new RandomStream(_seed, "adversarial training", step);
        int length = _arithmetic.Length;
        double share = _options.ShareAt(step, _stepsPerEpoch);
        Scale(share);
        double epsilon = _options.Epsilon.Value * share;
        for (int row = 0; row < count; row++)
        {
            Span<float> offset = _offsets.AsSpan(row * length, length);
            double squares = 0;
            foreach (ref float value in offset)
            {
                value = (float)random.NextDouble(-epsilon, epsilon);
                squares += (double)value * value;
            }

            if (_options.Norm == AttackNorm.L2)
            {
                float scale = (float)(epsilon * random.NextDouble() / Math.Sqrt(squares));
                foreach (ref float value in offset)
                {
                    value *= scale;
                }
            }
        }

        x.Write(_offsets.AsSpan(0, count * length));
    }

    /// <summary>
    /// Moves x within the ball around each origin so that the sum of slopes·scores climbs, where the slopes are taken anew at each step.
    /// </summary>
    /// <param name="origin">The clean samples.</param>
    /// <param name="x">The offsets that were drawn; overwritten with the attacked samples.</param>
    /// <param name="slopes">From a sample's place in the batch and its scores.</param>
    /// <param name="count">Samples.</param>
    public void Run(Tensor<float> origin, Tensor<float> x, ScoreSlopes slopes, int count)
    {
        Start(origin, x, count);
        for (int i = 0; i < _options.Steps; i++)
        {
            _plan.Search(x, count).Read(_scores.AsSpan(0, count * _scoreCount));
            for (int row = 0; row < count; row++)
            {
                slopes(row, _scores.AsSpan(row * _scoreCount, _scoreCount), _slopes.AsSpan(row * _scoreCount, _scoreCount));
            }

            _dScores.Write(_slopes.AsSpan(0, count * _scoreCount));
            Move(origin, x, _dScores, count);
        }
    }

    /// <summary>The same where the slopes do not depend on the scores: work of the device alone.</summary>
    /// <param name="origin">The clean samples.</param>
    /// <param name="x">The offsets that were drawn; overwritten with the attacked samples.</param>
    /// <param name="slopes">[count·scores].</param>
    /// <param name="count">Samples.</param>
    public void Run(Tensor<float> origin, Tensor<float> x, Tensor<float> slopes, int count)
    {
        Start(origin, x, count);
        for (int i = 0; i < _options.Steps; i++)
        {
            _plan.Search(x, count);
            Move(origin, x, slopes, count);
        }
    }

    public void Dispose() => _owned.Dispose();

    private void Scale(double share)
    {
        if (share != _share)
        {
            _steps.Fill((float)(_options.EffectiveStepSize * share));
            _radii.Fill((float)(_options.Epsilon.Value * share));
            _share = share;
        }
    }

    private void Start(Tensor<float> origin, Tensor<float> x, int count)
    {
        _arithmetic.Combine(_ones, x, _ones, origin, x, count);
        _ballStep.Project(x, origin, _norm, _radii, _low, _high, count);
    }

    private void Move(Tensor<float> origin, Tensor<float> x, Tensor<float> slopes, int count) =>
        _ballStep.Step(x, _plan.InputGradient(slopes, count), origin, _norm, _steps, _radii, _low, _high, count);
}
