using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>
/// One sample after the other: a batch has a few hundred, a data set some ten thousand, which is less work than waking
/// a thread. A NaN score makes the loss and its own gradient NaN.
/// </summary>
internal sealed unsafe class PointwiseLossSimd(SimdDevice device, PointwiseForm form, int maxCount) : PointwiseLoss(device, form, maxCount)
{
    protected override void ComputeCore(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count)
    {
        float* s = SimdDevice.Pointer(scores);
        float* y = SimdDevice.Pointer(labels);
        float* ds = SimdDevice.Pointer(dScores);
        float* weights = SimdDevice.Pointer(Weights);
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            double weight = weights[Class(y, i)];
            float d = (float)(Form.Temperature * (((double)y[i] * s[i]) - Form.Margin));
            sum += weight * SurrogateOperator.Value(Form.Surrogate, d);
            double slope = (double)Form.Temperature * y[i] * SurrogateOperator.Slope(Form.Surrogate, d) / count;
            ds[i] = (float)Math.Clamp(weight * slope, -float.MaxValue, float.MaxValue);
        }

        *SimdDevice.Pointer(loss) = (float)(sum / count);
    }

    /// <summary>The class of the sample that a score belongs to.</summary>
    private int Class(float* labels, int index)
    {
        if (Form.Scores == 1)
        {
            return labels[index] > 0 ? 0 : 1;
        }

        return Math.Max(0, new ReadOnlySpan<float>(labels + (index / Form.Scores * Form.Scores), Form.Scores).IndexOf(1f));
    }
}
