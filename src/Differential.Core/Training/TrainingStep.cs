using Differential.Core.Optimizers;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>
/// Gradient and update of one batch. Samples, learning rate and whatever else differs from step to step are brought to the device first; the rest
/// is the same work for each batch of as many samples, and a device graph where the gradient needs nothing of the host.
/// </summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly OwnedResources _owned = new();
    private readonly GradientSource _source;
    private readonly Optimizer _optimizer;
    private readonly ComputeDevice _device;
    private readonly Tensor<float> _loss;
    private readonly Dictionary<int, Work> _works = [];

    /// <param name="source">The gradients.</param>
    /// <param name="optimizer">Updates the parameters.</param>
    /// <param name="device">Of both.</param>
    public TrainingStep(GradientSource source, Optimizer optimizer, ComputeDevice device)
    {
        (_source, _optimizer, _device) = (source, optimizer, device);
        _loss = _owned.Add(device.Allocate(new Shape(1)));
    }

    /// <summary>One step.</summary>
    /// <param name="index">Step of the epoch, from 0.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="loss">[1], overwritten with the mean loss before the update.</param>
    /// <returns>Samples of the step.</returns>
    public int Run(int index, float learningRate, Tensor<float> loss)
    {
        int count = _source.Load(index);
        _optimizer.Prepare(learningRate);
        Of(count).Run();
        loss.CopyFrom(_loss, 1);
        return count;
    }

    public void Dispose() => _owned.Dispose();

    private Work Of(int count)
    {
        if (!_works.TryGetValue(count, out Work? work))
        {
            DeviceGraph? graph = _source.IsRepeatable ? _owned.Add(_device.CreateGraph()) : null;
            work = new Work(graph, () => Queue(count));
            _works.Add(count, work);
        }

        return work;
    }

    private void Queue(int count)
    {
        _source.Compute(_loss, count);
        _optimizer.Step(_loss);
    }

    private sealed record Work(DeviceGraph? Graph, Action Queue)
    {
        public void Run()
        {
            if (Graph is null)
            {
                Queue();
            }
            else
            {
                Graph.Run(Queue);
            }
        }
    }
}
