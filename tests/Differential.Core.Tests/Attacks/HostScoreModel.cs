using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>A score written out on the host, one sample at a time, over tensors of the SIMD device.</summary>
internal abstract class HostScoreModel : IScoreModel, IDisposable
{
    private readonly Tensor<float> _scores;
    private readonly Tensor<float> _gradients;
    private readonly float[] _inputs;
    private readonly float[] _scoreValues;
    private readonly float[] _slopes;
    private readonly float[] _gradientValues;

    protected HostScoreModel(Shape sampleShape, int maxBatch, int threads = 1)
    {
        Device = new SimdDevice(threads);
        SampleShape = sampleShape;
        MaxBatch = maxBatch;
        _scores = Device.Allocate(new Shape(maxBatch));
        _gradients = Device.Allocate(sampleShape.Batched(maxBatch));
        _inputs = new float[maxBatch * sampleShape.Length];
        _scoreValues = new float[maxBatch];
        _slopes = new float[maxBatch];
        _gradientValues = new float[maxBatch * sampleShape.Length];
    }

    public ComputeDevice Device { get; }

    public Shape SampleShape { get; }

    public int MaxBatch { get; }

    public float Threshold { get; init; }

    public int Scores => 1;

    public IReadOnlyList<float> Thresholds => [Threshold];

    /// <summary>Samples that went through a forward pass.</summary>
    public long Forwards { get; private set; }

    public Tensor<float> Forward(Tensor<float> x, int count)
    {
        int length = SampleShape.Length;
        x.Read(_inputs.AsSpan(0, count * length));
        for (int i = 0; i < count; i++)
        {
            _scoreValues[i] = Score(_inputs.AsSpan(i * length, length));
        }

        Forwards += count;
        _scores.Write(_scoreValues.AsSpan(0, count));
        return _scores;
    }

    public Tensor<float> InputGradient(Tensor<float> dScores, int count)
    {
        int length = SampleShape.Length;
        dScores.Read(_slopes.AsSpan(0, count));
        for (int i = 0; i < count; i++)
        {
            Gradient(_inputs.AsSpan(i * length, length), _slopes[i], _gradientValues.AsSpan(i * length, length));
        }

        _gradients.Write(_gradientValues.AsSpan(0, count * length));
        return _gradients;
    }

    public void Dispose()
    {
        _scores.Dispose();
        _gradients.Dispose();
        Device.Dispose();
    }

    /// <summary>The score of one sample, before the threshold.</summary>
    public abstract float Score(ReadOnlySpan<float> x);

    protected abstract void Gradient(ReadOnlySpan<float> x, float slope, Span<float> gradient);
}
