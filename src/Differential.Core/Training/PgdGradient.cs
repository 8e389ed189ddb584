using Differential.Core.Batches;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>
/// The gradient of the loss on attacked batches (Madry et al. 2018). The attack lowers y·s, of several scores the
/// smallest margin of the sample's class over another, so it serves every loss.
/// </summary>
internal sealed class PgdGradient : MiniBatchGradient
{
    private readonly InnerAttack _attack;
    private readonly Tensor<float> _attacked;
    private readonly Tensor<float> _slopes;
    private readonly float[] _hostSlopes;
    private readonly float[] _zeros;

    public PgdGradient(Network network, DeviceDataset data, TrainingOptions options)
        : base(network, data, options, copies: 1)
    {
        _zeros = new float[Scores];
        _hostSlopes = new float[MaxCount];
        try
        {
            _attack = Own(new InnerAttack(network, data.Data, options.Adversarial!, MaxCount, Steps, options.Seed));
            _attacked = Own(network.Device.Allocate(Batch.Shape));
            _slopes = Own(network.Device.Allocate(new Shape(MaxCount)));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Which class of several is the nearest the host finds out from the scores.</remarks>
    public override bool IsRepeatable => Scores == 1;

    public override int Load(int index)
    {
        int count = base.Load(index);
        _attack.Draw(_attacked, StepNumber, count);
        if (Scores == 1)
        {
            ReadOnlySpan<int> samples = LoadedSamples.Span;
            for (int row = 0; row < count; row++)
            {
                _hostSlopes[row] = -Data.Data.Labels[samples[row]];
            }

            _slopes.Write(_hostSlopes.AsSpan(0, count));
        }

        return count;
    }

    public override void Compute(Tensor<float> loss, int count)
    {
        if (Scores == 1)
        {
            _attack.Run(Batch, _attacked, _slopes, count);
        }
        else
        {
            _attack.Run(Batch, _attacked, (row, scores, slopes) => Lower(Data.Data.Labels[LoadedSamples.Span[row]], scores, slopes), count);
        }

        Batch.CopyFrom(_attacked, count * Data.Data.SampleShape.Length);
        base.Compute(loss, count);
    }

    /// <summary>The slopes that lower the margin of several scores.</summary>
    private void Lower(sbyte label, ReadOnlySpan<float> scores, Span<float> slopes)
    {
        slopes.Clear();
        slopes[label] = -1;
        slopes[ClassMargin.Rival(scores, _zeros, label)] += 1;
    }
}
