using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Networks;

/// <summary>
/// Pulls a layer's weights towards an orthogonal operator after each step: W ← W − β·(AAᵀ − I)A where there are fewer
/// outputs than inputs, W − β·A(AᵀA − I) otherwise. It is the Parseval retraction (Cissé et al. 2017), the first
/// order of Björck's orthogonalisation, on the convolution operator itself; dividing by the largest singular value alone leaves
/// all others to shrink, and with them the gradients and margins.
/// <para>
/// The product is gathered onto the weights with the convolution's own gradient: with probes z of E[zzᵀ] = I,
/// (AAᵀ − I)A = E[(AAᵀz − z)(Aᵀz)ᵀ]. Dense layers take all unit vectors, so that it is exact; convolutions take a few random
/// images of ±1, whose positions average the noise out; it vanishes as the operator becomes orthogonal.
/// </para>
/// <para>
/// As in any stochastic gradient of squares, a pull overshoots where its share times the energy that one position sees,
/// windows that overlap it included, exceeds twice the number of positions: the number of probes, and beyond the most of them the share, keep to a quarter
/// of that.
/// </para>
/// </summary>
internal sealed class OrthogonalPull : IDisposable
{
    /// <summary>Dense layers whose smaller side is beyond this take random probes.</summary>
    private const int MostUnitVectors = 512;

    private const int FewestImages = 2;
    private const int MostImages = 64;
    private const double Stable = 0.5;

    private const int StartingSteps = 40;
    private const double StartingShare = 0.4;

    private readonly OwnedResources _owned = new();
    private readonly Parameter _weight;
    private readonly LayerPlace _place;
    private readonly double _share;
    private readonly LayerOperator _operator;
    private readonly RowArithmetic _weightArithmetic;
    private readonly RowArithmetic _probeArithmetic;
    private readonly bool _onOutput;
    private readonly bool _exact;
    private readonly int _count;
    private readonly double _largestShare;
    private readonly Tensor<float> _probes;
    private readonly Tensor<float> _x;
    private readonly Tensor<float> _y;
    private readonly Tensor<float> _product;
    private readonly Tensor<float> _ones;
    private readonly Tensor<float> _minusOnes;
    private readonly Tensor<float> _factor;
    private readonly float[] _signs;

    public OrthogonalPull(ComputeDevice device, Layer layer, Parameter weight)
    {
        _weight = weight;
        _place = layer.Place;
        _share = layer.Orthogonality;
        _onOutput = layer.Output.Length <= layer.Input.Length;
        Shape side = _onOutput ? layer.Output : layer.Input;
        bool dense = layer is DenseLayer;
        _exact = dense && side.Length <= MostUnitVectors;
        using (LayerOperator one = layer.CreateOperator(device, 1)!)
        {
            double ratio = (double)layer.Output.Length / layer.Input.Length;
            double overlap = layer is ConvLayer { Geometry: var g } ? Math.Max(1, g.Size * g.Size / (double)(g.Stride * g.Stride)) : 1;
            double energy = overlap * (_onOutput ? Math.Max(layer.FanIn * ratio, layer.Weight![0]) : Math.Max(layer.Weight![0] / ratio, layer.FanIn / overlap));
            int needed = (int)Math.Ceiling(Math.Min(MostUnitVectors, _share * energy / (Stable * one.Positions)));
            _count = _exact ? side.Length : dense ? MostUnitVectors : Math.Clamp(needed, FewestImages, MostImages);
            _largestShare = _exact ? 1 : Stable * _count * one.Positions / energy;
        }

        try
        {
            _operator = _owned.Add(layer.CreateOperator(device, _count)!);
            _weightArithmetic = _owned.Add(RowArithmetic.Create(device, weight.Shape.Length, 1));
            _probeArithmetic = _owned.Add(RowArithmetic.Create(device, side.Length, _count));
            _probes = _owned.Add(device.Allocate(side.Batched(_count)));

            // Of all unit vectors of the output side Aᵀ makes the weights themselves.
            _x = _exact && _onOutput ? weight.Value : _owned.Add(device.Allocate(layer.Input.Batched(_count)));
            _y = _owned.Add(device.Allocate(layer.Output.Batched(_count)));
            _product = _owned.Add(device.Allocate(weight.Shape));
            _ones = _owned.Add(Constant(1));
            _minusOnes = _owned.Add(Constant(-1));
            _factor = _owned.Add(device.Allocate(new Shape(1)));
        }
        catch
        {
            _owned.Dispose();
            throw;
        }

        _signs = new float[_exact ? 0 : _probes.Length];
        if (_exact)
        {
            var unit = new float[_probes.Length];
            for (int i = 0; i < _count; i++)
            {
                unit[(i * side.Length) + i] = 1;
            }

            _probes.Write(unit);
        }

        Tensor<float> Constant(float value)
        {
            Tensor<float> tensor = device.Allocate(new Shape(_count));
            tensor.Fill(value);
            return tensor;
        }
    }

    /// <summary>
    /// Brings probes and share of the pull after a training step to the device. The share comes down with the learning rate: a full one's noise
    /// would undo what the last, small steps of a schedule gain.
    /// </summary>
    public void Prepare(long step, double pace) => Prepare("orthogonality", step, _share * pace);

    /// <summary>Pulls weights of operator norm 1 as near to an orthogonal operator as they come in a few steps.</summary>
    public void Start()
    {
        for (int step = 0; step < StartingSteps; step++)
        {
            Prepare("orthogonality start", step, StartingShare);
            Apply();
        }
    }

    /// <summary>One pull as prepared: the same work each time, of the device alone.</summary>
    public void Apply()
    {
        Tensor<float> weight = _weight.Value;
        if (_onOutput)
        {
            if (!_exact)
            {
                _operator.ApplyTransposed(weight, _probes, _x, _count);
            }

            _operator.Apply(weight, _x, _y, _count);
            _probeArithmetic.Combine(_ones, _y, _minusOnes, _probes, _y, _count);
        }
        else
        {
            _operator.Apply(weight, _probes, _y, _count);
            _operator.ApplyTransposed(weight, _y, _x, _count);
            _probeArithmetic.Combine(_ones, _x, _minusOnes, _probes, _x, _count);
        }

        _operator.Outer(_x, _y, _product, _count);
        _weightArithmetic.Combine(_ones, weight, _factor, _product, weight, 1);
    }

    public void Dispose() => _owned.Dispose();

    private void Prepare(string name, long step, double share)
    {
        Draw(name, step);
        double probes = _exact ? 1 : (double)_count * _operator.Positions;
        _factor.Write([(float)(-Math.Min(share, _largestShare) / probes)]);
    }

    /// <summary>Signs of the stream of one step and layer.</summary>
    private void Draw(string name, long step)
    {
        if (_exact)
        {
            return;
        }

        var stream = new RandomStream(_place.Index, _place.IsNested ? $"{name} {_place.Name}" : name, step);
        ulong bits = 0;
        for (int i = 0; i < _signs.Length; i++)
        {
            bits = i % 64 == 0 ? stream.NextUInt64() : bits >> 1;
            _signs[i] = (bits & 1) == 0 ? -1f : 1f;
        }

        _probes.Write(_signs);
    }
}
