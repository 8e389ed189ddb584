namespace Differential.Kernels.Convolution;

/// <summary>A way to the weight gradient on the SIMD device, with its workspace.</summary>
internal unsafe interface IWeightGradientPlan : IDisposable
{
    /// <summary>Makes room for what a call needs.</summary>
    void Reserve();

    /// <summary>The gradients by weights and bias, both overwritten; <paramref name="dBias"/> may be null.</summary>
    void Run(float* x, float* dy, float* dWeight, float* dBias, int count);
}
