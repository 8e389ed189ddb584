using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>Four floats that a kernel loads and stores as one 16-byte unit and keeps in registers.</summary>
internal struct Float4(float x, float y, float z, float w)
{
    public float X = x;
    public float Y = y;
    public float Z = z;
    public float W = w;

    /// <summary>a·b + c. Product and sum are written apart: back ends that fuse them may.</summary>
    public static Float4 MultiplyAdd(float a, Float4 b, Float4 c) =>
        new((a * b.X) + c.X, (a * b.Y) + c.Y, (a * b.Z) + c.Z, (a * b.W) + c.W);

    public static Float4 Add(Float4 a, Float4 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);

    /// <summary>Elements <paramref name="index"/> to index + 3 of a view whose start is aligned to 16 bytes; index is a multiple of 4.</summary>
    public static Float4 Load(ArrayView<float> view, int index) => view.Cast<Float4>()[index >> 2];

    public static void Store(ArrayView<float> view, int index, Float4 value) => view.Cast<Float4>()[index >> 2] = value;
}

/// <summary>Eight sums of one output row.</summary>
internal struct Float8
{
    public Float4 Low;
    public Float4 High;

    public static Float8 MultiplyAdd(float a, Float4 low, Float4 high, Float8 sums)
    {
        Float8 result;
        result.Low = Float4.MultiplyAdd(a, low, sums.Low);
        result.High = Float4.MultiplyAdd(a, high, sums.High);
        return result;
    }
}
