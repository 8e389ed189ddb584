using System.Numerics;

namespace Differential.Kernels.Gpu;

/// <summary>
/// Division of 0 … 2³¹ − 1 by a fixed number as a multiplication, an addition and a shift (Granlund and Montgomery
/// 1994): kernels decode a pixel's index with it many times, and GPUs have no integer division.
/// </summary>
internal readonly struct Divisor
{
    public readonly int Value;
    private readonly uint _multiplier;
    private readonly int _shift;

    public Divisor(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        Value = value;
        _shift = 32 - BitOperations.LeadingZeroCount((uint)value - 1);
        _multiplier = (uint)(((((1UL << _shift) - (uint)value) << 32) / (uint)value) + 1);
    }

    public int Divide(int n) => (int)(((uint)(((ulong)(uint)n * _multiplier) >> 32) + (uint)n) >> _shift);
}
