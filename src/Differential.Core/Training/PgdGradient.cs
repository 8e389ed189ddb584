using Differential.Core.Layers;
using Differential.Core.Margins;
using Differential.Kernels.Tensors;

namespace Differential.Core.Training;

/// <summary>
/// The gradient of the loss on attacked batches (Madry et al. 2018). The attack lowers y·s, of several scores the
/// smallest margin of the sample's class over another, so it serves every loss.
/// </summary>
internal sealed class PgdGradient : MiniBatchGradient
{
    private readonly InnerAttack _attack;
    private readonly Tensor<float> _attacked;
    private readonly float[] _zeros;

    public PgdGradient(Network network, DeviceDataset data, TrainingOptions options)
        : base(network, data, options, copies: 1)
    {
        _zeros = new float[data.Data.Scores];
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
        _attack.Run(Batch, _attacked, (row, scores, slopes) => Lower(Data.Data.Labels[samples.Span[row]], scores, slopes), StepNumber, count);
        Batch.CopyFrom(_attacked, count * Data.Data.SampleShape.Length);
        base.Gradient(samples, loss, count);
    }

    private void Lower(sbyte label, ReadOnlySpan<float> scores, Span<float> slopes)
    {
        if (slopes.Length == 1)
        {
            slopes[0] = -label;
            return;
        }

        slopes.Clear();
        slopes[label] = -1;
        slopes[ClassMargin.Rival(scores, _zeros, label)] += 1;
    }
}
