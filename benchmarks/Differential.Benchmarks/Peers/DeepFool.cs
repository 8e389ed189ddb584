using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>
/// DeepFool with its bisection on images that a network with first values puts on one side of its threshold. Each
/// linearisation is a forward pass and an input gradient.
/// </summary>
internal sealed class DeepFool : IPeerWork
{
    /// <summary>Below every score.</summary>
    private const float Threshold = -0.5f;

    private readonly Dataset _images;
    private readonly Network _network;
    private readonly NetworkPlan _plan;

    public DeepFool(ComputeDevice device, int count)
    {
        Dataset images = Images.Create(count);
        _images = Dataset.OfImages(images.SampleShape, [.. Enumerable.Repeat((sbyte)1, count)], images.Pixels!);
        _network = Images.Network(device, new CnnOptions(), images);
        _network.Threshold = Threshold;
        _plan = _network.Plan(count, PlanPurpose.Attack);
    }

    public void Run()
    {
        SplitAttackResult result = AttackRunner.Run(
            _plan, _images, new AttackRunOptions { Attacks = [new DeepFoolOptions()] }, null, CancellationToken.None);
        if (result.Attacked != _images.Count)
        {
            throw new InvalidOperationException($"{result.Attacked} of {_images.Count} images attacked");
        }
    }

    public void Dispose()
    {
        _plan.Dispose();
        _network.Dispose();
    }
}
