using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>
/// The scores of a batch of images, nothing kept for gradients. With fast convolutions it is the pass of an attack's search, which keeps activations:
/// evaluations are direct.
/// </summary>
internal sealed class ForwardPass : IPeerWork
{
    private readonly Network _network;
    private readonly NetworkPlan _plan;
    private readonly Tensor<float> _batch;
    private readonly int _count;
    private readonly bool _isSearch;

    public ForwardPass(ComputeDevice device, ModelOptions model, int count)
    {
        _count = count;
        Dataset images = Images.Create(count);
        _network = Images.Network(device, model, images);
        _isSearch = device.Convolution == ConvolutionMethod.Fast;
        _plan = _network.Plan(count, _isSearch ? PlanPurpose.Attack : PlanPurpose.Inference);
        _batch = device.Allocate(Images.Size.Batched(count));
        using var data = new SampleBatches(device, images);
        data.Load([.. Enumerable.Range(0, count)], _batch);
    }

    public void Run()
    {
        if (_isSearch)
        {
            _plan.Search(_batch, _count);
        }
        else
        {
            _plan.Forward(_batch, _count);
        }
    }

    public void Dispose()
    {
        _batch.Dispose();
        _plan.Dispose();
        _network.Dispose();
    }
}
