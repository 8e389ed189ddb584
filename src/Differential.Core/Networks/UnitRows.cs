using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Rows;

namespace Differential.Core.Networks;

/// <summary>
/// The last layer's normalisation of Singla, Singla and Feizi (2022): each row of a dense layer's weights is divided by its own norm, ŵᵢ = wᵢ / ‖wᵢ‖.
/// No score moves farther than the features do, and the difference of two at most ‖ŵᵢ − ŵⱼ‖ times as far.
/// </summary>
internal sealed class UnitRows : WeightNorm
{
    private readonly OwnedResources _owned = new();
    private readonly RowArithmetic _rows;
    private readonly NormDivision _division;
    private readonly Tensor<float> _norms;
    private readonly Tensor<float> _dots;
    private readonly Tensor<float> _weight;
    private readonly Tensor<float> _gradient;
    private readonly Row[] _parts;

    /// <param name="device">The network's.</param>
    /// <param name="weight">W [rows, inputs].</param>
    /// <param name="state">[rows]: where the norms are kept.</param>
    public UnitRows(ComputeDevice device, Parameter weight, Tensor<float> state)
    {
        (_norms, _weight, _gradient) = (state, weight.Value, weight.Gradient);
        (int rows, int length) = (weight.Shape[0], weight.Shape.Length / weight.Shape[0]);
        try
        {
            _rows = _owned.Add(RowArithmetic.Create(device, length, rows));
            _division = _owned.Add(NormDivision.Create(device));
            _dots = _owned.Add(device.Allocate(new Shape(rows)));
            Effective = _owned.Add(device.Allocate(weight.Shape));
        }
        catch
        {
            _owned.Dispose();
            throw;
        }

        var (own, one) = (new Shape(length), new Shape(1));
        _parts = [.. Enumerable.Range(0, rows).Select(i => new Row(
            _weight.Slice(i * length, own), _gradient.Slice(i * length, own), Effective.Slice(i * length, own), _norms.Slice(i, one), _dots.Slice(i, one)))];
    }

    public override Tensor<float> Effective { get; }

    /// <summary>Elements of the state of a layer: a norm for each row.</summary>
    public static int StateOf(Layer layer) => layer.Output.Length;

    public override void Restart() => Advance();

    public override void Advance()
    {
        _rows.Norms(_weight, null, RowNorm.L2, _norms, _parts.Length);
        Divide();
    }

    public override void Settle() => Advance();

    public override void Divide()
    {
        foreach (Row row in _parts)
        {
            _division.Forward(row.Weight, row.Norm, row.Effective, row.Weight.Length);
        }
    }

    public override void Start() => Advance();

    /// <summary>dwᵢ = (dŵᵢ − ⟨dŵᵢ, ŵᵢ⟩·ŵᵢ) / ‖wᵢ‖.</summary>
    public override void Backward()
    {
        _rows.Dots(_gradient, Effective, _dots, _parts.Length);
        foreach (Row row in _parts)
        {
            _division.Backward(row.Gradient, row.Dot, row.Effective, row.Norm, row.Gradient, row.Weight.Length);
        }
    }

    protected override void Dispose(bool disposing) => _owned.Dispose();

    private sealed record Row(Tensor<float> Weight, Tensor<float> Gradient, Tensor<float> Effective, Tensor<float> Norm, Tensor<float> Dot);
}
