using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>
/// One step of differential training as the trainer makes it: a batch put together from stored bytes, forward, the
/// all-pairs logistic loss, the gradients, SGD with momentum.
/// </summary>
internal sealed class TrainingStep : IPeerWork
{
    private readonly SampleBatches _data;
    private readonly Network _network;
    private readonly NetworkPlan _plan;
    private readonly Loss _loss;
    private readonly Optimizer _optimizer;
    private readonly Tensor<float> _batch;
    private readonly Tensor<float> _labels;
    private readonly Tensor<float> _dScores;
    private readonly Tensor<float> _lossValue;
    private readonly Tensor<int> _samples;
    private readonly DeviceGraph _graph;
    private readonly int _count;

    public TrainingStep(ComputeDevice device, ModelOptions model, int count, Activations activations = Activations.Kept, Shape? size = null)
    {
        _count = count;
        Dataset images = Images.Create(count, size);
        _data = new SampleBatches(device, images);
        _network = Images.Network(device, model, images);
        _plan = _network.Plan(count, PlanPurpose.Training, activations);
        _loss = new DifferentialOptions().CreateLoss(device, count);
        _optimizer = new SgdOptions { Momentum = 0.9 }.CreateOptimizer(_network);
        _batch = device.Allocate(images.SampleShape.Batched(count));
        _labels = device.Allocate(new Shape(count));
        _dScores = device.Allocate(new Shape(count));
        _lossValue = device.Allocate(new Shape(1));
        _samples = device.Allocate<int>(new Shape(count));
        _samples.Write([.. Enumerable.Range(0, count)]);
        _graph = device.CreateGraph();
    }

    public void Run()
    {
        _data.Load(_samples, _batch, _count);
        _data.LoadLabels(_samples, _labels, _count);
        _optimizer.Prepare(0.001f);
        _graph.Run(Queue);
    }

    public void Dispose()
    {
        _graph.Dispose();
        _samples.Dispose();
        _lossValue.Dispose();
        _dScores.Dispose();
        _labels.Dispose();
        _batch.Dispose();
        _optimizer.Dispose();
        _loss.Dispose();
        _plan.Dispose();
        _network.Dispose();
        _data.Dispose();
    }

    private void Queue()
    {
        Tensor<float> scores = _plan.Forward(_batch, _count, PassMode.Train);
        _loss.Compute(scores, _labels, _dScores, _lossValue, _count);
        _plan.ParameterGradients(_dScores, _count);
        _optimizer.Step(_lossValue);
    }
}
