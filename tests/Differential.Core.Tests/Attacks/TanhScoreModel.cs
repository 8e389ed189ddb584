using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>s(x) = Σₖ vₖ·tanh(⟨wₖ, x⟩ + bₖ): a small curved score with random weights.</summary>
internal sealed class TanhScoreModel : HostScoreModel
{
    private readonly double[][] _weights;
    private readonly double[] _biases;
    private readonly double[] _outputs;

    public TanhScoreModel(Shape sampleShape, int units, long seed, int maxBatch)
        : base(sampleShape, maxBatch)
    {
        var random = new RandomStream(seed, "tanh");
        double spread = 2.5 / Math.Sqrt(sampleShape.Length);
        _weights = [.. Enumerable.Range(0, units).Select(_ => Enumerable.Range(0, sampleShape.Length).Select(_ => spread * random.NextNormal()).ToArray())];
        _biases = [.. _weights.Select(weight => -weight.Sum() / 2)];
        _outputs = [.. Enumerable.Range(0, units).Select(_ => random.NextNormal())];
    }

    public override float Score(ReadOnlySpan<float> x)
    {
        double score = 0;
        for (int k = 0; k < _weights.Length; k++)
        {
            score += _outputs[k] * Math.Tanh(Unit(k, x));
        }

        return (float)score;
    }

    protected override void Gradient(ReadOnlySpan<float> x, float slope, Span<float> gradient)
    {
        gradient.Clear();
        for (int k = 0; k < _weights.Length; k++)
        {
            double tanh = Math.Tanh(Unit(k, x));
            double factor = slope * _outputs[k] * (1 - (tanh * tanh));
            for (int i = 0; i < x.Length; i++)
            {
                gradient[i] += (float)(factor * _weights[k][i]);
            }
        }
    }

    private double Unit(int k, ReadOnlySpan<float> x)
    {
        double sum = _biases[k];
        for (int i = 0; i < x.Length; i++)
        {
            sum += _weights[k][i] * x[i];
        }

        return sum;
    }
}
