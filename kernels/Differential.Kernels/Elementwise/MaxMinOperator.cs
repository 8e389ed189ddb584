namespace Differential.Kernels.Elementwise;

/// <summary>Which pairs MaxMin exchanges, for every device.</summary>
internal static class MaxMinOperator
{
    /// <summary>Whether the second goes first: where it is larger. Equal ones stay, and so does a pair with a NaN.</summary>
    public static bool Exchanged(float first, float second) => second > first;
}
