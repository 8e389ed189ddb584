namespace Differential.Benchmarks.Kernels;

/// <summary>Which way through a layer.</summary>
internal enum Direction
{
    Forward,
    InputGradient,
    WeightGradient,
}
