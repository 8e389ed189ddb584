using Differential.Core.Layers;
using Differential.Kernels.Tensors;

namespace Differential.Core.Training;

/// <summary>
/// TRADES for one score (Zhang et al. 2019): loss(clean) + β·mean KL(p ‖ q) with p = σ(s) of the clean and q = σ(s′) of the attacked
/// sample, whose derivatives are p(1 − p)(s − s′) by s and q − p by s′. The attack climbs the divergence. Clean and attacked
/// samples go through the network as one batch.
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

    public TradesGradient(Network network, DeviceDataset data, TrainingOptions options)
        : base(network, data, options, copies: 2)
    {
        var trades = (TradesOptions)options.Adversarial!;
        _beta = trades.Beta;
        _clean = new float[MaxCount];
        _scores = new float[2 * MaxCount];
        _slopes = new float[2 * MaxCount];
        try
        {
            _attack = Own(new InnerAttack(network, data.Data, trades, MaxCount, options.Seed));
            _attacked = Own(network.Device.Allocate(data.Data.SampleShape.Batched(MaxCount)));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    protected override void Gradient(ReadOnlyMemory<int> samples, Tensor<float> loss, int count)
    {
        Plan.Forward(Batch, count).Read(_clean.AsSpan(0, count));
        _attack.Run(Batch, _attacked, (row, score) => (float)(Sigmoid(score) - Sigmoid(_clean[row])), StepNumber, count);
        int length = Data.Data.SampleShape.Length;
        Tensor<float> second = Batch.Slice(count * length, new Shape(count * length));
        second.CopyFrom(_attacked, count * length);
        Tensor<float> scores = Plan.Forward(Batch, 2 * count);
        Loss.Compute(scores, Labels, DScores, loss, count);
        scores.Read(_scores.AsSpan(0, 2 * count));
        DScores.Read(_slopes.AsSpan(0, count));
        loss.Read(_loss);
        _loss[0] += (float)(_beta * Divergence(count));
        loss.Write(_loss);
        DScores.Write(_slopes.AsSpan(0, 2 * count));
        Plan.ParameterGradients(DScores, 2 * count);
    }

    /// <summary>The mean divergence; its derivatives are added to the slopes of the clean scores, and become those of the attacked ones.</summary>
    private double Divergence(int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            (double s, double t) = (_scores[i], _scores[count + i]);
            (double value, double byClean, double byAttacked) = Divergence(s, t);
            sum += value;
            _slopes[i] += (float)(_beta / count * byClean);
            _slopes[count + i] = (float)(_beta / count * byAttacked);
        }

        return sum / count;
    }

    /// <summary>KL(σ(s) ‖ σ(t)) and its derivatives by s and by t.</summary>
    internal static (double Value, double ByClean, double ByAttacked) Divergence(double s, double t)
    {
        (double p, double q) = (Sigmoid(s), Sigmoid(t));
        double value = (p * (Softplus(-t) - Softplus(-s))) + ((1 - p) * (Softplus(t) - Softplus(s)));
        return (value, p * (1 - p) * (s - t), q - p);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
