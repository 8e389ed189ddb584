using Differential.Core.Numerics;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Rows;

namespace Differential.Core.Networks;

/// <summary>
/// An upper bound on the operator norm σ of a layer's weights, from Lanczos iterations on AᵀA or AAᵀ, whichever is smaller.
/// <para>
/// Any such iteration approaches σ from below, and a small residual proves only that some singular value is near. What
/// holds the bound on the safe side is the random start: after k steps the largest Ritz value θ of an n × n matrix
/// satisfies σ² ≤ θ / (1 − ε) except with probability 1.648·√n·e^(−√ε·(2k − 1)), whatever the spectrum (Kuczyński and
/// Woźniakowski 1992, theorem 4.2, which speaks of exact arithmetic). k is chosen so that this is 10⁻⁹ at ε = 2·10⁻³; the bound is
/// then at most 0.1 % above σ. The iterations also go on until θ stands still. They run in float32, for whose rounding σ is raised by
/// 2·10⁻⁵: an allowance of five times what tests measure or more, not a worst case.
/// </para>
/// <para>The start depends on the sizes alone: the bound is a function of the weights.</para>
/// </summary>
internal sealed class LanczosNorm : IDisposable
{
    /// <summary>ε: how far θ may be below σ².</summary>
    private const double Shortfall = 2e-3;

    private const double FailureProbability = 1e-9;

    /// <summary>Allowance for the relative error of float32 sums and of three-term recurrences in them; tests measure below a fifth of it.</summary>
    private const double Rounding = 2e-5;

    /// <summary>θ stands still when an eighth of the steps change it by less than this share.</summary>
    private const double Still = 1e-4;

    private const int MaxFactor = 8;

    /// <summary>Steps that a device with a queue makes before the host looks at them.</summary>
    private const int QueuedSteps = 16;

    private readonly OwnedResources _owned = new();
    private readonly LayerOperator _operator;
    private readonly RowArithmetic _arithmetic;
    private readonly bool _onInput;
    private readonly Tensor<float> _current;
    private readonly Tensor<float> _previous;
    private readonly Tensor<float> _next;
    private readonly Tensor<float> _other;
    private readonly Tensor<float> _weight;
    private readonly RowArithmetic _numbers;
    private readonly NormDivision _division;
    private readonly DeviceGraph _graph;
    private readonly Tensor<float> _alphas;
    private readonly Tensor<float> _betas;
    private readonly (Tensor<float> Alpha, Tensor<float> Beta)[] _slots;
    private readonly Tensor<float> _one;
    private readonly Tensor<float> _zero;
    private readonly Tensor<float> _minusOne;
    private readonly Tensor<float> _minusAlpha;
    private readonly Tensor<float> _minusBeta;
    private readonly float[] _hostAlphas;
    private readonly float[] _hostBetas;

    /// <param name="device">Where.</param>
    /// <param name="layer">The operator.</param>
    /// <param name="weight">Its weights; what they are is looked at in each <see cref="Upper"/>.</param>
    public LanczosNorm(ComputeDevice device, LayerOperator layer, Tensor<float> weight)
    {
        _operator = layer;
        _weight = weight;
        _onInput = layer.Input.Length <= layer.Output.Length;
        Shape own = _onInput ? layer.Input : layer.Output;
        Shape other = _onInput ? layer.Output : layer.Input;
        int steps = device is SimdDevice ? 1 : QueuedSteps;
        _hostAlphas = new float[steps];
        _hostBetas = new float[steps];
        try
        {
            _arithmetic = _owned.Add(RowArithmetic.Create(device, own.Length, 1));
            _current = _owned.Add(device.Allocate(own));
            _previous = _owned.Add(device.Allocate(own));
            _next = _owned.Add(device.Allocate(own));
            _other = _owned.Add(device.Allocate(other));
            _numbers = _owned.Add(RowArithmetic.Create(device, 1, 1));
            _division = _owned.Add(NormDivision.Create(device));
            _alphas = _owned.Add(device.Allocate(new Shape(steps)));
            _betas = _owned.Add(device.Allocate(new Shape(steps)));
            _slots = [.. Enumerable.Range(0, steps).Select(step => (_alphas.Slice(step, new Shape(1)), _betas.Slice(step, new Shape(1))))];
            _one = Number(1);
            _zero = Number(0);
            _minusOne = Number(-1);
            _minusAlpha = Number(0);
            _minusBeta = Number(0);
            _graph = _owned.Add(device.CreateGraph());
        }
        catch
        {
            _owned.Dispose();
            throw;
        }

        Tensor<float> Number(float value) => _owned.Add(device.Allocate(new Shape(1), [value]));
    }

    /// <summary>Steps for the bound's probability: about 300 for the layers of a small network.</summary>
    internal static int Steps(int size) =>
        (int)Math.Ceiling(((Math.Log(1.648 * Math.Sqrt(size) / FailureProbability) / Math.Sqrt(Shortfall)) + 1) / 2);

    /// <summary>A number that the operator norm does not exceed, at most 0.1 % above it; 0 for zero weights, NaN where one is not finite.</summary>
    public double Upper()
    {
        Start();
        int steps = Steps(_current.Length);
        List<double> diagonal = [];
        List<double> beside = [];
        double settled = double.PositiveInfinity;
        for (int step = 1; ; step++)
        {
            int place = (step - 1) % _slots.Length;
            if (place == 0)
            {
                _graph.Run(Advance);
                _alphas.Read(_hostAlphas);
                _betas.Read(_hostBetas);
            }

            diagonal.Add(_hostAlphas[place]);
            double left = _hostBetas[place];
            bool ended = !(left > 1e-6 * Math.Abs(diagonal[0]));
            if (ended || (step >= steps && (step - steps) % (steps / 8) == 0))
            {
                double largest = TridiagonalEigen.Largest(diagonal, beside);

                // A subspace that a random start spans in fewer steps holds the largest singular value exactly.
                if (ended || !(Math.Abs(largest - settled) > Still * largest) || step > (MaxFactor - 1) * steps)
                {
                    return Math.Sqrt(Math.Max(largest, 0) / (1 - Shortfall)) * (1 + Rounding);
                }

                settled = largest;
            }

            beside.Add(left);
        }
    }

    public void Dispose() => _owned.Dispose();

    private void Start()
    {
        var stream = new RandomStream(0, "operator norm", _current.Length);
        var values = new float[_current.Length];
        double squares = 0;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)stream.NextNormal();
            squares += (double)values[i] * values[i];
        }

        float scale = (float)(1 / Math.Sqrt(squares));
        for (int i = 0; i < values.Length; i++)
        {
            values[i] *= scale;
        }

        _current.Write(values);
        _previous.Fill(0f);
        _minusBeta.Fill(0f);
    }

    /// <summary>
    /// As many steps as there are slots: next = B·current − β·previous; α = ⟨current, next⟩; next − α·current, whose norm is the new β and
    /// whose direction the new current vector. A step behind the last that counts divides by what is left, which the host does not look at.
    /// </summary>
    private void Advance()
    {
        foreach ((Tensor<float> alpha, Tensor<float> beta) in _slots)
        {
            if (_onInput)
            {
                _operator.Apply(_weight, _current, _other, 1);
                _operator.ApplyTransposed(_weight, _other, _next, 1);
            }
            else
            {
                _operator.ApplyTransposed(_weight, _current, _other, 1);
                _operator.Apply(_weight, _other, _next, 1);
            }

            _arithmetic.Combine(_one, _next, _minusBeta, _previous, _next, 1);
            _arithmetic.Dots(_current, _next, alpha, 1);
            Negate(alpha, _minusAlpha);
            _arithmetic.Combine(_one, _next, _minusAlpha, _current, _next, 1);
            _arithmetic.Norms(_next, null, RowNorm.L2, beta, 1);
            Negate(beta, _minusBeta);
            _previous.CopyFrom(_current, _current.Length);
            _division.Forward(_next, beta, _current, _current.Length);
        }
    }

    private void Negate(Tensor<float> number, Tensor<float> negative) => _numbers.Combine(_minusOne, number, _zero, number, negative, 1);
}
