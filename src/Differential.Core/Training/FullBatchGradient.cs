using Differential.Core.Batches;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Training;

/// <summary>
/// The whole training set in its own order, one step an epoch. A pairwise loss needs all scores before any gradient, so
/// beyond one chunk the set is gone through twice: for the scores, then again for the gradients, which are added up in
/// the order of the chunks.
/// </summary>
internal sealed class FullBatchGradient : GradientSource
{
    /// <summary>Samples of one pass through the network: bounds the memory, decides the order of sums.</summary>
    internal const int DefaultChunk = 512;

    private readonly OwnedResources _owned = new();
    private readonly Network _network;
    private readonly SampleBatches _data;
    private readonly Loss _loss;
    private readonly int _count;
    private readonly int[] _hostSamples;
    private readonly Tensor<int> _samples;
    private readonly Chunk[] _chunks;
    private readonly Tensor<float> _labels;
    private readonly Tensor<float> _scores;
    private readonly Tensor<float> _dScores;
    private readonly RowArithmetic? _sum;
    private readonly Tensor<float>? _total;
    private readonly Tensor<float>? _one;

    public FullBatchGradient(Network network, SampleBatches data, LossOptions loss, int chunk = DefaultChunk, Activations activations = Activations.Kept)
    {
        ComputeDevice device = network.Device;
        if (network.Architecture.Layers.FirstOrDefault(static layer => layer.DependsOnMode) is { } layer)
        {
            throw new ArgumentException($"{layer.Place} works on batches; a full-batch optimizer takes the whole training set, part by part", nameof(network));
        }

        _network = network;
        _data = data;
        _count = data.Data.Count;
        _hostSamples = [.. Enumerable.Range(0, _count)];
        int size = Math.Min(chunk, _count);
        int scores = data.Data.Scores;
        var all = new Shape(_count * scores);
        try
        {
            Plan = _owned.Add(network.Plan(size, PlanPurpose.Training, activations));
            Batch = _owned.Add(device.Allocate(data.Data.SampleShape.Batched(size)));
            _loss = _owned.Add(loss.CreateLoss(device, _count, scores, data.Data.CountClasses()));
            _samples = _owned.Add(device.Allocate<int>(new Shape(_count)));
            _samples.Write(_hostSamples);
            _labels = _owned.Add(device.Allocate(all));
            if (!device.IsPlanner)
            {
                _data.LoadLabels(_samples, _labels, _count);
            }

            _scores = _owned.Add(device.Allocate(all));
            _dScores = _owned.Add(device.Allocate(all));
            _chunks = [.. Enumerable.Range(0, (_count + size - 1) / size).Select(index => Slice(index * size, Math.Min(size, _count - (index * size))))];
            if (_chunks.Length > 1)
            {
                _sum = _owned.Add(RowArithmetic.Create(device, network.ParameterValues.Length, 1));
                _total = _owned.Add(device.Allocate(network.ParameterValues.Shape));
                _one = _owned.Add(device.Allocate(new Shape(1), [1f]));
            }
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    public override int Steps => 1;

    public override NetworkPlan Plan { get; }

    public override Tensor<float> Batch { get; }

    public override void Begin(int epoch)
    {
    }

    /// <inheritdoc/>
    /// <remarks>Samples that come from the host come for each chunk.</remarks>
    public override bool IsRepeatable => _data.Feeder is null;

    public override int Load(int index) => _count;

    public override void Compute(Tensor<float> loss, int count)
    {
        foreach (Chunk chunk in _chunks)
        {
            Forward(chunk);
        }

        _loss.Compute(_scores, _labels, _dScores, loss, _count);
        if (_sum is null)
        {
            Plan.ParameterGradients(_dScores, _count);
            return;
        }

        _total!.Fill(0f);
        foreach (Chunk chunk in _chunks)
        {
            Forward(chunk);
            Plan.ParameterGradients(chunk.DScores, chunk.Count);
            _sum.Combine(_one!, _total, _one!, _network.ParameterGradients, _total, 1);
        }

        _network.ParameterGradients.CopyFrom(_total, _total.Length);
    }

    protected override void Dispose(bool disposing) => _owned.Dispose();

    private void Forward(Chunk chunk)
    {
        _data.Load(_hostSamples.AsSpan(chunk.Start, chunk.Count), chunk.Samples, Batch);
        chunk.Scores.CopyFrom(Plan.Forward(Batch, chunk.Count), chunk.Scores.Length);
    }

    private Chunk Slice(int start, int count)
    {
        int scores = _data.Data.Scores;
        var shape = new Shape(count * scores);
        return new Chunk(start, _samples.Slice(start, new Shape(count)), _scores.Slice(start * scores, shape), _dScores.Slice(start * scores, shape), count);
    }

    private sealed record Chunk(int Start, Tensor<int> Samples, Tensor<float> Scores, Tensor<float> DScores, int Count);
}
