using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>The linear map of a layer's weights at its real input size, stride and padding; no bias, no activation.</summary>
internal abstract class LayerOperator(int maxBatch) : IDisposable
{
    /// <summary>Largest number of vectors in one call.</summary>
    public int MaxBatch { get; } = maxBatch;

    /// <summary>Shape of one vector that comes in.</summary>
    public abstract Shape Input { get; }

    /// <summary>Shape of one vector that goes out.</summary>
    public abstract Shape Output { get; }

    /// <summary>Times that one weight takes part in one application: the output positions of a convolution.</summary>
    public abstract int Positions { get; }

    /// <summary>y = A·x of each of <paramref name="count"/> vectors.</summary>
    public abstract void Apply(Tensor<float> weight, Tensor<float> x, Tensor<float> y, int count);

    /// <summary>x = Aᵀ·y.</summary>
    public abstract void ApplyTransposed(Tensor<float> weight, Tensor<float> y, Tensor<float> x, int count);

    /// <summary>The derivative by the weights of Σ ⟨y, A·x⟩ over the vectors.</summary>
    public abstract void Outer(Tensor<float> x, Tensor<float> y, Tensor<float> dWeight, int count);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
