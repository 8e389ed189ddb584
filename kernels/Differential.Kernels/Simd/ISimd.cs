namespace Differential.Kernels.Simd;

/// <summary>
/// The vector operations of one width. A kernel body is written once over <typeparamref name="TVector"/> and this
/// policy; the JIT compiles it for each struct type argument as if written by hand.
/// </summary>
/// <typeparam name="TVector">A vector of floats, or one float.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Length { get; }

    /// <summary>Most rows of a two-vector register tile: accumulators, two operands and a broadcast fill the registers.</summary>
    static abstract int TileRows { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector value, float* destination);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>left · right + addend, fused where the processor can.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>The larger of both; NaN in <paramref name="value"/> stays.</summary>
    static abstract TVector AtLeast(TVector bound, TVector value);

    /// <summary>All bits set where <paramref name="value"/> is greater than <paramref name="other"/> or is NaN.</summary>
    static abstract TVector GreaterOrNaN(TVector value, TVector other);

    /// <summary>All bits set where both are equal.</summary>
    static abstract TVector Equal(TVector left, TVector right);

    /// <summary><paramref name="ifSet"/> where the mask's bits are set, else <paramref name="ifClear"/>.</summary>
    static abstract TVector Select(TVector mask, TVector ifSet, TVector ifClear);

    /// <summary>The sum of the elements, in an order fixed by the width.</summary>
    static abstract float Sum(TVector value);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Divide(TVector left, TVector right);

    /// <summary>The smaller of both; NaN in <paramref name="value"/> stays.</summary>
    static abstract TVector AtMost(TVector bound, TVector value);

    static abstract TVector Sqrt(TVector value);

    static abstract TVector Log(TVector value);

    /// <summary><paramref name="value"/> where <paramref name="condition"/> &gt; 0, else 0 (also where it is NaN).</summary>
    static abstract TVector WherePositive(TVector condition, TVector value);

    /// <summary>The sum of the elements in double precision, in an order fixed by the width.</summary>
    static abstract double SumDouble(TVector value);
}
