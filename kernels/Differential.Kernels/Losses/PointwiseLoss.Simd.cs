using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>
/// One sample after the other: a batch has a few hundred, a data set some ten thousand, which is less work than waking
/// a thread. A NaN score makes the loss and its own gradient NaN.
/// </summary>
internal sealed unsafe class PointwiseLossSimd(SimdDevice device, Surrogate surrogate, float temperature, float margin, int maxCount)
    : PointwiseLoss(device, surrogate, temperature, margin, maxCount)
{
    protected override void ComputeCore(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count)
    {
        float* s = SimdDevice.Pointer(scores);
        float* y = SimdDevice.Pointer(labels);
        float* ds = SimdDevice.Pointer(dScores);
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            float d = (float)(Temperature * (((double)y[i] * s[i]) - Margin));
            sum += SurrogateOperator.Value(Surrogate, d);
            double slope = (double)Temperature * y[i] * SurrogateOperator.Slope(Surrogate, d) / count;
            ds[i] = (float)Math.Clamp(slope, -float.MaxValue, float.MaxValue);
        }

        *SimdDevice.Pointer(loss) = (float)(sum / count);
    }
}
