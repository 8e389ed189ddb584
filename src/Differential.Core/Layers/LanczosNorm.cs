using Differential.Core.Margins;
using Differential.Kernels.Devices;
using Differential.Kernels.Perturbation;
using Differential.Kernels.Tensors;

namespace Differential.Core.Layers;

/// <summary>
/// An upper bound on the operator norm σ of a layer's weights, from Lanczos iterations on AᵀA or AAᵀ, whichever is smaller.
/// <para>
/// Any such iteration approaches σ from below, and a small residual proves only that some singular value is near. What
/// holds the bound on the safe side is the random start: after k steps the largest Ritz value θ of an n × n matrix
/// satisfies σ² ≤ θ / (1 − ε) except with probability 1.648·√n·e^(−√ε·(2k − 1)), whatever the spectrum (Kuczyński and
/// Woźniakowski 1992, theorem 4.2, which speaks of exact arithmetic). k is chosen so that this is 10⁻⁹ at ε = 2·10⁻³; the bound is
/// then at most 0.1 % above σ. The iterations also go on until θ stands still, and the rounding of float32 is
/// added.
/// </para>
/// <para>The start depends on the sizes alone: the bound is a function of the weights.</para>
/// </summary>
internal sealed class LanczosNorm : IDisposable
{
    /// <summary>ε: how far θ may be below σ².</summary>
    private const double Shortfall = 2e-3;

    private const double FailureProbability = 1e-9;

    /// <summary>Relative error of float32 sums and of three-term recurrences in them, with room.</summary>
    private const double Rounding = 2e-5;

    /// <summary>θ stands still when an eighth of the steps change it by less than this share.</summary>
    private const double Still = 1e-4;

    private const int MaxFactor = 8;

    private readonly OwnedResources _owned = new();
    private readonly LayerOperator _operator;
    private readonly PerturbationStep _arithmetic;
    private readonly bool _onInput;
    private readonly Tensor<float> _current;
    private readonly Tensor<float> _previous;
    private readonly Tensor<float> _next;
    private readonly Tensor<float> _other;
    private readonly Tensor<float> _first;
    private readonly Tensor<float> _second;
    private readonly float[] _number = new float[1];

    public LanczosNorm(ComputeDevice device, LayerOperator layer)
    {
        _operator = layer;
        _onInput = layer.Input.Length <= layer.Output.Length;
        Shape own = _onInput ? layer.Input : layer.Output;
        Shape other = _onInput ? layer.Output : layer.Input;
        try
        {
            _arithmetic = _owned.Add(PerturbationStep.Create(device, own.Length, 1));
            _current = _owned.Add(device.Allocate(own));
            _previous = _owned.Add(device.Allocate(own));
            _next = _owned.Add(device.Allocate(own));
            _other = _owned.Add(device.Allocate(other));
            _first = _owned.Add(device.Allocate(new Shape(1)));
            _second = _owned.Add(device.Allocate(new Shape(1)));
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    /// <summary>Steps for the bound's probability: about 300 for the layers of a small network.</summary>
    internal static int Steps(int size) =>
        (int)Math.Ceiling(((Math.Log(1.648 * Math.Sqrt(size) / FailureProbability) / Math.Sqrt(Shortfall)) + 1) / 2);

    /// <summary>A number that the operator norm does not exceed, at most 0.1 % above it; 0 for zero weights, NaN where one is not finite.</summary>
    public double Upper(Tensor<float> weight)
    {
        Start();
        int steps = Steps(_current.Length);
        List<double> diagonal = [];
        List<double> beside = [];
        double settled = double.PositiveInfinity;
        for (int step = 1; ; step++)
        {
            double left = Advance(weight, beside.Count > 0 ? beside[^1] : 0, diagonal);
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
            Normalize(left);
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
    }

    /// <summary>next = B·current − α·current − β·previous; α goes into the diagonal, and ‖next‖ is returned.</summary>
    private double Advance(Tensor<float> weight, double beta, List<double> diagonal)
    {
        if (_onInput)
        {
            _operator.Apply(weight, _current, _other, 1);
            _operator.ApplyTransposed(weight, _other, _next, 1);
        }
        else
        {
            _operator.ApplyTransposed(weight, _current, _other, 1);
            _operator.Apply(weight, _other, _next, 1);
        }

        _arithmetic.Combine(Number(_first, 1), _next, Number(_second, -beta), _previous, _next, 1);
        _arithmetic.Dots(_current, _next, _first, 1);
        double alpha = Read(_first);
        diagonal.Add(alpha);
        _arithmetic.Combine(Number(_first, 1), _next, Number(_second, -alpha), _current, _next, 1);
        _arithmetic.Norms(_next, null, PerturbationNorm.L2, _first, 1);
        return Read(_first);
    }

    private void Normalize(double norm)
    {
        _previous.CopyFrom(_current, _current.Length);
        _arithmetic.Combine(Number(_first, 1 / norm), _next, Number(_second, 0), _next, _current, 1);
    }

    private Tensor<float> Number(Tensor<float> target, double value)
    {
        _number[0] = (float)value;
        target.Write(_number);
        return target;
    }

    private double Read(Tensor<float> source)
    {
        source.Read(_number);
        return _number[0];
    }
}
