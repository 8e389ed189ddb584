namespace Differential.Kernels.Simd;

/// <summary>What elementwise operations need. On a GPU <see cref="SimdScalar"/> runs the body of one thread.</summary>
internal partial interface ISimd<TVector>
{
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
