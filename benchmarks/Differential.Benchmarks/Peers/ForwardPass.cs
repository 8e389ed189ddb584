using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>The scores of a batch of images, nothing kept for gradients.</summary>
internal sealed class ForwardPass : IPeerWork
{
    private readonly Network _network;
    private readonly NetworkPlan _plan;
    private readonly Tensor<float> _batch;
    private readonly int _count;

    public ForwardPass(ComputeDevice device, int count)
    {
        _count = count;
        Dataset images = Images.Create(count);
        _network = Images.Network(device, new CnnOptions(), images);
        _plan = _network.Plan(count, PlanPurpose.Inference);
        _batch = device.Allocate(Images.Size.Batched(count));
        using var data = new SampleBatches(device, images);
        data.Load([.. Enumerable.Range(0, count)], _batch);
    }

    public void Run() => _plan.Forward(_batch, _count);

    public void Dispose()
    {
        _batch.Dispose();
        _plan.Dispose();
        _network.Dispose();
    }
}
