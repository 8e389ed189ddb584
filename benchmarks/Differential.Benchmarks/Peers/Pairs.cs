using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Benchmarks.Peers;

/// <summary>The all-pairs logistic loss with its gradient by every score.</summary>
internal sealed class Pairs : IPeerWork
{
    private readonly PairwiseDifference _pairs;
    private readonly Tensor<float> _scores;
    private readonly Tensor<float> _labels;
    private readonly Tensor<float> _dScores;
    private readonly Tensor<float> _loss;
    private readonly int _count;

    public Pairs(ComputeDevice device, int ofAClass, Surrogate surrogate = Surrogate.Logistic)
    {
        _count = 2 * ofAClass;
        Random random = new(1);
        _pairs = PairwiseDifference.Create(device, new PairwiseForm(surrogate, PairSelection.All), _count);
        Shape shape = new(_count);
        _scores = device.Allocate(shape, [.. Enumerable.Range(0, _count).Select(_ => (random.NextSingle() * 8) - 4)]);
        _labels = device.Allocate(shape, [.. Enumerable.Range(0, _count).Select(static i => i % 2 == 0 ? 1f : -1f)]);
        _dScores = device.Allocate(shape);
        _loss = device.Allocate(new Shape(1));
    }

    public void Run() => _pairs.Compute(_scores, _labels, _dScores, _loss, _count);

    public void Dispose()
    {
        _loss.Dispose();
        _dScores.Dispose();
        _labels.Dispose();
        _scores.Dispose();
        _pairs.Dispose();
    }
}
