using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Rows;

namespace Differential.Core.Networks;

/// <summary>
/// Spectral normalisation of one layer (Miyato et al. 2018) with the norm σ of the layer's operator itself, at its real
/// input size, stride and padding (Gouk et al. 2021), not of the reshaped matrix: the layer computes with Ŵ = W / σ.
/// <para>
/// While training goes on, σ comes from one step of power iteration after each update, on singular vectors u, v that
/// are kept: σ = ‖Aᵀu‖ ≤ ‖A‖. <see cref="Settle"/> takes an upper bound in its place (<see cref="LanczosNorm"/>): networks
/// are evaluated, attacked and saved with that one, and then ‖Â‖ ≤ 1.
/// </para>
/// </summary>
internal sealed class UnitNorm : WeightNorm
{
    /// <summary>Steps of power iteration on weights that were not reached by training: from a fixed start.</summary>
    private const int StartingSteps = 100;

    private readonly OwnedResources _owned = new();
    private readonly Parameter _weight;
    private readonly LayerOperator _operator;
    private readonly LanczosNorm _upper;
    private readonly NormDivision _division;
    private readonly RowArithmetic _inputArithmetic;
    private readonly RowArithmetic _outputArithmetic;
    private readonly RowArithmetic _weightArithmetic;
    private readonly OrthogonalPull? _pull;
    private readonly DeviceGraph _iteration;
    private readonly Tensor<float> _right;
    private readonly Tensor<float> _left;
    private readonly Tensor<float> _sigma;
    private readonly Tensor<float> _rawRight;
    private readonly Tensor<float> _rawLeft;
    private readonly Tensor<float> _number;
    private readonly Tensor<float> _dSigma;

    /// <param name="device">The network's.</param>
    /// <param name="layer">A layer with weights.</param>
    /// <param name="weight">W.</param>
    /// <param name="state">[<see cref="StateOf"/>]: where u, v and σ are kept.</param>
    public UnitNorm(ComputeDevice device, Layer layer, Parameter weight, Tensor<float> state)
    {
        _weight = weight;
        try
        {
            _operator = _owned.Add(layer.CreateOperator(device, 1)!);
            (Shape input, Shape output) = (_operator.Input, _operator.Output);
            _upper = _owned.Add(new LanczosNorm(device, _operator, weight.Value));
            _division = _owned.Add(NormDivision.Create(device));
            _inputArithmetic = _owned.Add(RowArithmetic.Create(device, input.Length, 1));
            _outputArithmetic = _owned.Add(RowArithmetic.Create(device, output.Length, 1));
            _weightArithmetic = _owned.Add(RowArithmetic.Create(device, weight.Shape.Length, 1));
            _pull = layer.Orthogonality > 0 ? _owned.Add(new OrthogonalPull(device, layer, weight)) : null;
            _right = state.Slice(0, input);
            _left = state.Slice(input.Length, output);
            _sigma = state.Slice(input.Length + output.Length, new Shape(1));
            _rawRight = _owned.Add(device.Allocate(input));
            _rawLeft = _owned.Add(device.Allocate(output));
            _number = _owned.Add(device.Allocate(new Shape(1)));
            _dSigma = _owned.Add(device.Allocate(weight.Shape));
            Effective = _owned.Add(device.Allocate(weight.Shape));
            _iteration = _owned.Add(device.CreateGraph());
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    /// <summary>Ŵ.</summary>
    public override Tensor<float> Effective { get; }

    /// <summary>Elements of the state of a layer: v, u and σ.</summary>
    public static int StateOf(Layer layer) => layer.Input.Length + layer.Output.Length + 1;

    /// <summary>σ of weights that were set from outside: a function of the weights alone.</summary>
    public override void Restart()
    {
        var stream = new RandomStream(0, "power iteration", _right.Length);
        var values = new float[_right.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)stream.NextNormal();
        }

        _right.Write(values);
        for (int step = 0; step < StartingSteps; step++)
        {
            _iteration.Run(Iterate);
        }

        Settle();
    }

    /// <summary>Brings what is particular to the next <see cref="Advance"/> to the device.</summary>
    /// <param name="step">Updates so far: decides the probes of the pull.</param>
    /// <param name="pace">What the learning rate has come down to, as a share of its first value: the pull comes down with it.</param>
    public override void Prepare(long step, double pace) => _pull?.Prepare(step, pace);

    /// <summary>After an update of W: pulls it towards an orthogonal operator, then σ by one step of power iteration.</summary>
    public override void Advance()
    {
        _pull?.Apply();
        Iterate();
        Divide();
    }

    /// <summary>σ becomes an upper bound on the operator norm, a function of the weights alone.</summary>
    public override void Settle()
    {
        _sigma.Write([(float)_upper.Upper()]);
        Divide();
    }

    /// <summary>Ŵ from a state that was read back.</summary>
    public override void Divide() => _division.Forward(_weight.Value, _sigma, Effective, Effective.Length);

    /// <summary>Brings random weights to norm 1, and near an orthogonal operator where that is what training pulls to.</summary>
    public override void Start()
    {
        Restart();
        _weight.Value.CopyFrom(Effective, Effective.Length);
        _pull?.Start();
    }

    /// <summary>
    /// Turns the weight's gradient from that by Ŵ into that by W, in place: dW = (dŴ − ⟨dŴ, Ŵ⟩·∂σ) / σ, where ∂σ, the
    /// derivative of ⟨u, A·v⟩, is the outer product of the singular vectors gathered onto the weights.
    /// </summary>
    public override void Backward()
    {
        Tensor<float> gradient = _weight.Gradient;
        _operator.Outer(_right, _left, _dSigma, 1);
        _weightArithmetic.Dots(gradient, Effective, _number, 1);
        _division.Backward(gradient, _number, _dSigma, _sigma, gradient, gradient.Length);
    }

    protected override void Dispose(bool disposing) => _owned.Dispose();

    private void Iterate()
    {
        _operator.Apply(_weight.Value, _right, _rawLeft, 1);
        _outputArithmetic.Norms(_rawLeft, null, RowNorm.L2, _number, 1);
        _division.Forward(_rawLeft, _number, _left, _left.Length);
        _operator.ApplyTransposed(_weight.Value, _left, _rawRight, 1);
        _inputArithmetic.Norms(_rawRight, null, RowNorm.L2, _sigma, 1);
        _division.Forward(_rawRight, _sigma, _right, _right.Length);
    }
}
