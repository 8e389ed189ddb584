using Differential.Core.Layers;
using Differential.Kernels.Tensors;

namespace Differential.Core.Training;

/// <summary>The gradient of the loss on attacked batches (Madry et al. 2018). The attack lowers y·s, so it serves every loss.</summary>
internal sealed class PgdGradient : MiniBatchGradient
{
    private readonly InnerAttack _attack;
    private readonly Tensor<float> _attacked;

    public PgdGradient(Network network, DeviceDataset data, TrainingOptions options)
        : base(network, data, options, copies: 1)
    {
        try
        {
            _attack = Own(new InnerAttack(network, data.Data, options.Adversarial!, MaxCount, options.Seed));
            _attacked = Own(network.Device.Allocate(Batch.Shape));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    protected override void Gradient(ReadOnlyMemory<int> samples, Tensor<float> loss, int count)
    {
        _attack.Run(Batch, _attacked, (row, _) => -Data.Data.Labels[samples.Span[row]], StepNumber, count);
        Batch.CopyFrom(_attacked, count * Data.Data.SampleShape.Length);
        base.Gradient(samples, loss, count);
    }
}
