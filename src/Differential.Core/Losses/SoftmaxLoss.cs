using Differential.Kernels.Tensors;

namespace Differential.Core.Losses;

/// <summary>
/// Cross-entropy of K classes: the mean over samples of class y of log(1 + Σ e^(−τ(z_y − z_k − m))) over the other classes k, the softmax's
/// for τ = 1 and m = 0. On the host, in double precision: a batch has some hundred samples.
/// </summary>
internal sealed class SoftmaxLoss(CrossEntropyOptions options, int maxCount, int classes) : Loss
{
    private readonly float[] _scores = new float[maxCount * classes];
    private readonly float[] _labels = new float[maxCount * classes];
    private readonly float[] _slopes = new float[maxCount * classes];
    private readonly float[] _loss = new float[1];

    /// <inheritdoc/>
    public override void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(dScores);
        ArgumentNullException.ThrowIfNull(loss);
        int length = count * classes;
        scores.Read(_scores.AsSpan(0, length));
        labels.Read(_labels.AsSpan(0, length));
        double sum = 0;
        for (int start = 0; start < length; start += classes)
        {
            sum += Sample(_scores.AsSpan(start, classes), _labels.AsSpan(start, classes).IndexOf(1f), _slopes.AsSpan(start, classes), count);
        }

        _loss[0] = (float)(sum / count);
        loss.Write(_loss);
        dScores.Write(_slopes.AsSpan(0, length));
    }

    protected override void Dispose(bool disposing)
    {
    }

    private double Sample(ReadOnlySpan<float> scores, int label, Span<float> slopes, int count)
    {
        // The own class stands for the 1: its exponent is 0.
        double largest = 0;
        for (int k = 0; k < scores.Length; k++)
        {
            largest = Math.Max(largest, Exponent(scores, label, k));
        }

        double sum = 0;
        for (int k = 0; k < scores.Length; k++)
        {
            sum += Math.Exp(Exponent(scores, label, k) - largest);
        }

        double own = 0;
        for (int k = 0; k < scores.Length; k++)
        {
            if (k != label)
            {
                double slope = options.Temperature * Math.Exp(Exponent(scores, label, k) - largest) / sum / count;
                slopes[k] = (float)slope;
                own -= slope;
            }
        }

        slopes[label] = (float)own;
        return largest + Math.Log(sum);
    }

    private double Exponent(ReadOnlySpan<float> scores, int label, int k) =>
        k == label ? 0 : -options.Temperature * ((double)scores[label] - scores[k] - options.Margin);
}
