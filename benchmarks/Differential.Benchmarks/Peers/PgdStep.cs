using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Benchmarks.Peers;

/// <summary>One PGD step of all images: forward, the gradient by the input, a projected sign step.</summary>
internal sealed class PgdStep : IPeerWork
{
    private readonly Network _network;
    private readonly NetworkPlan _plan;
    private readonly BallStep _step;
    private readonly Tensor<float> _x;
    private readonly Tensor<float> _origin;
    private readonly Tensor<float> _slopes;
    private readonly Tensor<float> _steps;
    private readonly Tensor<float> _radii;
    private readonly DeviceGraph _graph;
    private readonly int _count;

    public PgdStep(ComputeDevice device, ModelOptions model, int count, Shape? size = null)
    {
        _count = count;
        Dataset images = Images.Create(count, size);
        int length = images.SampleShape.Length;
        _network = Images.Network(device, model, images);
        _plan = _network.Plan(count, PlanPurpose.Attack);
        _step = BallStep.Create(device, length, count);
        _x = device.Allocate(images.SampleShape.Batched(count));
        _origin = device.Allocate(images.SampleShape.Batched(count));
        using var data = new SampleBatches(device, images);
        data.Load([.. Enumerable.Range(0, count)], _x);
        _origin.CopyFrom(_x, count * length);
        _slopes = Filled([.. images.Labels.Select(static label => -(float)label)]);
        _steps = Filled([.. Enumerable.Repeat(0.002f, count)]);
        _radii = Filled([.. Enumerable.Repeat(8f / 255f, count)]);
        _graph = device.CreateGraph();

        Tensor<float> Filled(float[] values) => device.Allocate(new Shape(count), values);
    }

    public void Run() => _graph.Run(Queue);

    public void Dispose()
    {
        _graph.Dispose();
        _radii.Dispose();
        _steps.Dispose();
        _slopes.Dispose();
        _origin.Dispose();
        _x.Dispose();
        _step.Dispose();
        _plan.Dispose();
        _network.Dispose();
    }

    private void Queue()
    {
        _plan.Search(_x, _count);
        Tensor<float> gradient = _plan.InputGradient(_slopes, _count);
        _step.Step(_x, gradient, _origin, RowNorm.Linf, _steps, _radii, 0, 1, _count);
    }
}
