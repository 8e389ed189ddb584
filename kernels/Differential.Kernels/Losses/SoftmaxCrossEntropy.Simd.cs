using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>One sample after the other, in double precision: a batch has some hundred.</summary>
internal sealed unsafe class SoftmaxCrossEntropySimd(SimdDevice device, int classes, double temperature, double margin, IReadOnlyList<float>? weights, int maxCount)
    : SoftmaxCrossEntropy(device, classes, temperature, margin, weights, maxCount)
{
    protected override void ComputeCore(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count)
    {
        double sum = 0;
        for (int sample = 0; sample < count; sample++)
        {
            var own = new ReadOnlySpan<float>(SimdDevice.Pointer(scores) + ((nint)sample * Classes), Classes);
            int label = new ReadOnlySpan<float>(SimdDevice.Pointer(labels) + ((nint)sample * Classes), Classes).IndexOf(1f);
            sum += Sample(own, label, new Span<float>(SimdDevice.Pointer(dScores) + ((nint)sample * Classes), Classes), count);
        }

        *SimdDevice.Pointer(loss) = (float)(sum / count);
    }

    private double Sample(ReadOnlySpan<float> scores, int label, Span<float> slopes, int count)
    {
        foreach (float score in scores)
        {
            if (!float.IsFinite(score))
            {
                slopes.Fill(float.NaN);
                return double.NaN;
            }
        }

        // The own class stands for the 1: its exponent is 0.
        double weight = SimdDevice.Pointer(Weights)[label];
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
                double slope = weight * Temperature * Math.Exp(Exponent(scores, label, k) - largest) / sum / count;
                slopes[k] = (float)slope;
                own -= slope;
            }
        }

        slopes[label] = (float)own;
        return weight * (largest + Math.Log(sum));
    }

    private double Exponent(ReadOnlySpan<float> scores, int label, int k) =>
        k == label ? 0 : -Temperature * ((double)scores[label] - scores[k] - Margin);
}
