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
    private readonly Decision _decision;

    public PgdGradient(Network network, SampleBatches data, TrainingOptions options, PgdTrainingOptions attack)
        : base(network, data, options, copies: 1)
    {
        _decision = Decision.By(new float[Scores]);
        _hostSlopes = new float[MaxCount * Scores];
        try
        {
            _attack = Own(new InnerAttack(network, data.Data, attack, MaxCount, Steps, options.Seed));
            _attacked = Own(network.Device.Allocate(Batch.Shape));
            _slopes = Own(network.Device.Allocate(new Shape(MaxCount * Scores)));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Which class of several is the nearest the host finds out from the scores.</remarks>
    public override bool IsRepeatable => _decision.HasFixedSlopes;

    public override int Load(int index)
    {
        int count = base.Load(index);
        _attack.Draw(_attacked, StepNumber, count);
        if (_decision.HasFixedSlopes)
        {
            for (int row = 0; row < count; row++)
            {
                Lower(row, [], _hostSlopes.AsSpan(row * Scores, Scores));
            }

            _slopes.Write(_hostSlopes.AsSpan(0, count * Scores));
        }

        return count;
    }

    public override void Compute(Tensor<float> loss, int count)
    {
        if (_decision.HasFixedSlopes)
        {
            _attack.Run(Batch, _attacked, _slopes, count);
        }
        else
        {
            _attack.Run(Batch, _attacked, Lower, count);
        }

        Batch.CopyFrom(_attacked, count * Data.Data.SampleShape.Length);
        base.Compute(loss, count);
    }

    private void Lower(int row, ReadOnlySpan<float> scores, Span<float> slopes) =>
        _decision.LowerMargin(scores, _decision.Row(Data.Data.Labels[LoadedSamples.Span[row]]), slopes);
}
