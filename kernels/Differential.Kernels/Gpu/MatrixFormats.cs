namespace Differential.Kernels.Gpu;

/// <summary>A format of a product's factors, as words of the matrix instruction.</summary>
internal interface IMatrixFormat
{
    /// <summary>Steps of k in a word.</summary>
    static abstract int Steps { get; }

    /// <summary>Four words of one outer; <paramref name="second"/> is the four k behind <paramref name="first"/>, where there are two steps in a word.</summary>
    static abstract Word4 PackAlong(Float4 first, Float4 second);

    /// <summary>A word of each of four outers; <paramref name="second"/> is the next k, where there are two steps in a word.</summary>
    static abstract Word4 PackAcross(Float4 first, Float4 second);

    /// <summary>The product of a warp's 64 × 32 words by 8, added to its sums.</summary>
    static abstract MatrixSums Multiply(MatrixRows a, MatrixColumns b, MatrixSums c);
}

internal readonly struct Tf32Format : IMatrixFormat
{
    public static int Steps => 1;

    public static Word4 PackAlong(Float4 first, Float4 second) => Round(first);

    public static Word4 PackAcross(Float4 first, Float4 second) => Round(first);

    public static MatrixSums Multiply(MatrixRows a, MatrixColumns b, MatrixSums c) => MatrixInstruction.MultiplyTf32(a, b, c);

    private static Word4 Round(Float4 value) => new(
        MatrixInstruction.RoundTf32(value.X), MatrixInstruction.RoundTf32(value.Y), MatrixInstruction.RoundTf32(value.Z), MatrixInstruction.RoundTf32(value.W));
}

internal readonly struct Fp16Format : IMatrixFormat
{
    public static int Steps => 2;

    public static Word4 PackAlong(Float4 first, Float4 second) => new(
        MatrixInstruction.PackHalves(first.X, first.Y),
        MatrixInstruction.PackHalves(first.Z, first.W),
        MatrixInstruction.PackHalves(second.X, second.Y),
        MatrixInstruction.PackHalves(second.Z, second.W));

    public static Word4 PackAcross(Float4 first, Float4 second) => new(
        MatrixInstruction.PackHalves(first.X, second.X),
        MatrixInstruction.PackHalves(first.Y, second.Y),
        MatrixInstruction.PackHalves(first.Z, second.Z),
        MatrixInstruction.PackHalves(first.W, second.W));

    public static MatrixSums Multiply(MatrixRows a, MatrixColumns b, MatrixSums c) => MatrixInstruction.MultiplyFp16(a, b, c);
}
