using Differential.Core.Layers;
using Differential.Core.Losses;
using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Core.Training;

/// <summary>One balanced batch a step. The whole epoch's order lies on the device.</summary>
internal sealed class MiniBatchGradient : GradientSource
{
    private readonly OwnedResources _owned = new();
    private readonly DeviceDataset _data;
    private readonly BatchOrder _order;
    private readonly Loss _loss;
    private readonly Tensor<int> _samples;
    private readonly Tensor<int>[] _batches;
    private readonly Tensor<float> _labels;
    private readonly Tensor<float> _dScores;

    public MiniBatchGradient(Network network, DeviceDataset data, LossOptions loss, int batchSize, long seed)
    {
        ComputeDevice device = network.Device;
        _data = data;
        _order = new BatchOrder(data.Data.Labels, batchSize, seed);
        int maxBatch = Enumerable.Range(0, _order.Steps).Max(_order.Count);
        try
        {
            Plan = _owned.Add(network.Plan(maxBatch, PlanPurpose.Training));
            Batch = _owned.Add(device.Allocate(data.Data.SampleShape.Batched(maxBatch)));
            _loss = _owned.Add(Loss.Create(loss, device, maxBatch));
            _samples = _owned.Add(device.Allocate<int>(new Shape(_order.SamplesPerEpoch)));
            _batches = [.. Enumerable.Range(0, _order.Steps).Select(step => _samples.Slice(_order.Start(step), new Shape(_order.Count(step))))];
            _labels = _owned.Add(device.Allocate(new Shape(maxBatch)));
            _dScores = _owned.Add(device.Allocate(new Shape(maxBatch)));
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    public override int Steps => _order.Steps;

    public override NetworkPlan Plan { get; }

    public override Tensor<float> Batch { get; }

    public override void Begin(int epoch)
    {
        _order.Begin(epoch);
        _samples.Write(_order.Samples);
    }

    public override int Compute(int index, Tensor<float> loss)
    {
        int count = _order.Count(index);
        _data.Load(_batches[index], Batch, count);
        _data.LoadLabels(_batches[index], _labels, count);
        Tensor<float> scores = Plan.Forward(Batch, count);
        _loss.Compute(scores, _labels, _dScores, loss, count);
        Plan.ParameterGradients(_dScores, count);
        return count;
    }

    protected override void Dispose(bool disposing) => _owned.Dispose();
}
