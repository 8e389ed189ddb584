using Differential.Core.Batches;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>
/// TRADES (Zhang et al. 2019): loss(clean) + β·mean <see cref="ScoreDivergence"/> of the clean and the attacked sample. The attack climbs
/// the divergence. Clean and attacked samples go through the network as one batch.
/// </summary>
internal sealed class TradesGradient : MiniBatchGradient
{
    private readonly double _beta;
    private readonly InnerAttack _attack;
    private readonly Tensor<float> _attacked;
    private readonly float[] _clean;
    private readonly float[] _scores;
    private readonly float[] _slopes;
    private readonly float[] _loss = new float[1];
    private readonly ScoreDivergence _divergence;

    public TradesGradient(Network network, SampleBatches data, TrainingOptions options, TradesOptions trades)
        : base(network, data, options, copies: 2)
    {
        _beta = trades.Beta;
        _clean = new float[MaxCount * Scores];
        _scores = new float[2 * MaxCount * Scores];
        _slopes = new float[2 * MaxCount * Scores];
        _divergence = ScoreDivergence.Of(Scores);
        try
        {
            _attack = Own(new InnerAttack(network, data.Data, trades, MaxCount, Steps, options.Seed));
            _attacked = Own(network.Device.Allocate(data.Data.SampleShape.Batched(MaxCount)));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>The divergence is summed on the host.</remarks>
    public override bool IsRepeatable => false;

    public override void Compute(Tensor<float> loss, int count)
    {
        int own = count * Scores;
        Plan.Forward(Batch, count).Read(_clean.AsSpan(0, own));
        _attack.Draw(_attacked, StepNumber, count);
        _attack.Run(Batch, _attacked, Climb, count);
        int length = Data.Data.SampleShape.Length;
        Tensor<float> second = Batch.Slice(count * length, new Shape(count * length));
        second.CopyFrom(_attacked, count * length);
        Tensor<float> scores = Plan.Forward(Batch, 2 * count, PassMode.Train);
        Loss.Compute(scores, Labels, DScores, loss, count);
        scores.Read(_scores.AsSpan(0, 2 * own));
        DScores.Read(_slopes.AsSpan(0, own));
        loss.Read(_loss);
        _loss[0] += (float)(_beta * Divergence(count));
        loss.Write(_loss);
        DScores.Write(_slopes.AsSpan(0, 2 * own));
        Plan.ParameterGradients(DScores, 2 * count);
    }

    /// <summary>The divergence's derivatives by the attacked scores.</summary>
    private void Climb(int row, ReadOnlySpan<float> scores, Span<float> slopes) =>
        _divergence.ByAttacked(_clean.AsSpan(row * Scores, Scores), scores, slopes);

    /// <summary>The mean divergence; its derivatives are added to the slopes of the clean scores, and become those of the attacked ones.</summary>
    private double Divergence(int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            (int clean, int attacked) = (i * Scores, (count + i) * Scores);
            sum += _divergence.Add(
                _scores.AsSpan(clean, Scores), _scores.AsSpan(attacked, Scores), _beta / count, _slopes.AsSpan(clean, Scores), _slopes.AsSpan(attacked, Scores));
        }

        return sum / count;
    }
}
