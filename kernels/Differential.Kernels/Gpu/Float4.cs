using ILGPU;

namespace Differential.Kernels.Gpu;

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

    public static Float4 Scale(float factor, Float4 a) => new(factor * a.X, factor * a.Y, factor * a.Z, factor * a.W);

    /// <summary>Elements <paramref name="index"/> to index + 3 of a view whose start is aligned to 16 bytes; index is a multiple of 4.</summary>
    public static Float4 Load(ArrayView<float> view, int index) => view.Cast<Float4>()[index >> 2];

    /// <summary>The same where <paramref name="valid"/>, else zeros, without a branch, so that several loads may be under way at once. The view has four elements.</summary>
    public static Float4 LoadWhere(bool valid, ArrayView<float> view, int index)
    {
        Float4 value = Load(view, valid ? index : 0);
        return new(valid ? value.X : 0, valid ? value.Y : 0, valid ? value.Z : 0, valid ? value.W : 0);
    }

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

/// <summary>The 8 × 8 sums of one thread.</summary>
internal struct ThreadTile
{
    public Float8 Row0;
    public Float8 Row1;
    public Float8 Row2;
    public Float8 Row3;
    public Float8 Row4;
    public Float8 Row5;
    public Float8 Row6;
    public Float8 Row7;

    /// <summary>Adds the products of eight rows' and eight columns' factors.</summary>
    public static ThreadTile MultiplyAdd(Float4 aLow, Float4 aHigh, Float4 bLow, Float4 bHigh, ThreadTile sums)
    {
        ThreadTile result;
        result.Row0 = Float8.MultiplyAdd(aLow.X, bLow, bHigh, sums.Row0);
        result.Row1 = Float8.MultiplyAdd(aLow.Y, bLow, bHigh, sums.Row1);
        result.Row2 = Float8.MultiplyAdd(aLow.Z, bLow, bHigh, sums.Row2);
        result.Row3 = Float8.MultiplyAdd(aLow.W, bLow, bHigh, sums.Row3);
        result.Row4 = Float8.MultiplyAdd(aHigh.X, bLow, bHigh, sums.Row4);
        result.Row5 = Float8.MultiplyAdd(aHigh.Y, bLow, bHigh, sums.Row5);
        result.Row6 = Float8.MultiplyAdd(aHigh.Z, bLow, bHigh, sums.Row6);
        result.Row7 = Float8.MultiplyAdd(aHigh.W, bLow, bHigh, sums.Row7);
        return result;
    }
}
