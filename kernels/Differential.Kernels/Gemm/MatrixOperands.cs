using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>A matrix [outer, k].</summary>
internal readonly struct RowsOperand(ArrayView<float> data, int outers, int depth, bool aligned) : IOperand
{
    private readonly ArrayView<float> _data = data;
    private readonly int _outers = outers;
    private readonly int _depth = depth;
    private readonly int _aligned = aligned && depth % 4 == 0 ? 1 : 0;

    public static bool AlongK => true;

    public bool IsAligned => _aligned != 0;

    public Float4 Load(int outer, int k, int kEnd)
    {
        if (outer >= _outers || k >= kEnd)
        {
            return default;
        }

        int index = (outer * _depth) + k;
        return new Float4(
            _data[index],
            k + 1 < kEnd ? _data[index + 1] : 0,
            k + 2 < kEnd ? _data[index + 2] : 0,
            k + 3 < kEnd ? _data[index + 3] : 0);
    }

    public Float4 LoadAligned(int outer, int k, int kEnd) => Float4.LoadWhere((outer < _outers) & (k < kEnd), _data, (outer * _depth) + k);
}

/// <summary>A matrix [k, outer]; where <c>ones</c>, with one more outer behind the last that is 1 for every k.</summary>
internal readonly struct ColumnsOperand(ArrayView<float> data, int outers, bool ones, bool aligned) : IOperand
{
    private readonly ArrayView<float> _data = data;
    private readonly int _outers = outers;
    private readonly float _beyond = ones ? 1 : 0;
    private readonly int _aligned = aligned && outers % 4 == 0 ? 1 : 0;

    public static bool AlongK => false;

    public bool IsAligned => _aligned != 0;

    public Float4 Load(int outer, int k, int kEnd) =>
        k < kEnd ? new Float4(Element(outer, k), Element(outer + 1, k), Element(outer + 2, k), Element(outer + 3, k)) : default;

    public Float4 LoadAligned(int outer, int k, int kEnd)
    {
        Float4 value = Float4.LoadWhere((outer < _outers) & (k < kEnd), _data, (k * _outers) + outer);

        // The row of ones begins with a unit, since the last one before it is whole.
        value.X = (outer == _outers) & (k < kEnd) ? _beyond : value.X;
        return value;
    }

    private float Element(int outer, int k) => outer < _outers ? _data[(k * _outers) + outer] : outer == _outers ? _beyond : 0;
}
