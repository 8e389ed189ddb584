using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>s(x) = scale·(⟨w, x⟩ + bias): distances to the boundary are known exactly.</summary>
internal sealed class LinearScoreModel(Shape sampleShape, float[] weight, double bias, int maxBatch, float scale = 1, int threads = 1)
    : HostScoreModel(sampleShape, maxBatch, threads)
{
    public float[] Weight { get; } = weight;

    public double Bias { get; } = bias;

    public override float Score(ReadOnlySpan<float> x) => (float)(scale * Linear(x));

    /// <summary>⟨w, x⟩ + bias in float64.</summary>
    public double Linear(ReadOnlySpan<float> x)
    {
        double sum = Bias;
        for (int i = 0; i < x.Length; i++)
        {
            sum += (double)Weight[i] * x[i];
        }

        return sum;
    }

    protected override void Gradient(ReadOnlySpan<float> x, float slope, Span<float> gradient)
    {
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = slope * scale * Weight[i];
        }
    }
}
