using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>A weight for each class, on a device: a pointwise loss's terms of a sample are multiplied by its class's. Of one score the classes are + and −, in this order.</summary>
internal sealed class ClassWeighting : IDisposable
{
    /// <param name="device">Of the loss.</param>
    /// <param name="weights">One for each class; null for 1.</param>
    /// <param name="scores">Scores of a sample: 1 for two classes, else one for each class.</param>
    /// <exception cref="ArgumentException">A weight is missing, negative or not finite.</exception>
    public ClassWeighting(ComputeDevice device, IReadOnlyList<float>? weights, int scores)
    {
        int classes = Math.Max(2, scores);
        float[] values = weights is null ? [.. Enumerable.Repeat(1f, classes)] : [.. weights];
        if (values.Length != classes || !Array.TrueForAll(values, static weight => weight >= 0 && float.IsFinite(weight)))
        {
            throw new ArgumentException($"the weights {string.Join(", ", values)}; {classes} finite ones of at least 0 are needed", nameof(weights));
        }

        Values = device.Allocate(new Shape(classes), values);
    }

    /// <summary>[classes].</summary>
    public Tensor<float> Values { get; }

    public void Dispose() => Values.Dispose();
}
