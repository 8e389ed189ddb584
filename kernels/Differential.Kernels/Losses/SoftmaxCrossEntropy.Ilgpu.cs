using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Losses;

/// <summary>Loss and gradients in one launch of one group, a thread for each sample; float32.</summary>
internal sealed class SoftmaxCrossEntropyIlgpu(IlgpuDevice device, int classes, double temperature, double margin, IReadOnlyList<float>? weights, int maxCount)
    : SoftmaxCrossEntropy(device, classes, temperature, margin, weights, maxCount)
{
    protected override void ComputeCore(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count) =>
        device.Load<Arguments>(Run).LaunchRows(
            1,
            new(IlgpuDevice.View(scores), IlgpuDevice.View(labels), IlgpuDevice.View(dScores), IlgpuDevice.View(loss), IlgpuDevice.View(Weights), Classes, (float)Temperature, (float)Margin, count));

    internal static void Run(Arguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float sum = 0;
        for (int sample = Group.IdxX; sample < arguments.Count; sample += Group.DimX)
        {
            sum += Sample(arguments, sample * arguments.Classes) / arguments.Count;
        }

        sum = GroupReduction.Sum(sum, scratch);
        if (Group.IdxX == 0)
        {
            arguments.Loss[0] = sum;
        }
    }

    private static float Sample(in Arguments arguments, int start)
    {
        int label = 0;
        for (int k = 1; k < arguments.Classes; k++)
        {
            label = arguments.Labels[start + k] > 0 ? k : label;
        }

        bool isFinite = true;
        for (int k = 0; k < arguments.Classes; k++)
        {
            isFinite = isFinite && MathF.Abs(arguments.Scores[start + k]) <= float.MaxValue;
        }

        if (!isFinite)
        {
            for (int k = 0; k < arguments.Classes; k++)
            {
                arguments.DScores[start + k] = float.NaN;
            }

            return float.NaN;
        }

        // The own class stands for the 1: its exponent is 0.
        float largest = 0;
        int top = label;
        for (int k = 0; k < arguments.Classes; k++)
        {
            float exponent = Exponent(arguments, start, label, k);
            bool isLarger = exponent > largest;
            top = isLarger ? k : top;
            largest = isLarger ? exponent : largest;
        }

        // All terms but the largest, which is 1: the logarithm of 1 + a little keeps its digits.
        float rest = 0;
        for (int k = 0; k < arguments.Classes; k++)
        {
            rest += k == top ? 0f : MathF.Exp(BelowTop(arguments, start, label, k, top));
        }

        float own = 0;
        float weight = arguments.Weights[label];
        float factor = weight * (arguments.Temperature / arguments.Count);
        for (int k = 0; k < arguments.Classes; k++)
        {
            if (k != label)
            {
                float slope = factor * MathF.Exp(BelowTop(arguments, start, label, k, top)) / (1 + rest);
                arguments.DScores[start + k] = slope;
                own -= slope;
            }
        }

        arguments.DScores[start + label] = own;
        return weight * (largest + SurrogateOperator.LogOnePlus(rest));
    }

    private static float Exponent(in Arguments arguments, int start, int label, int k) =>
        k == label ? 0f : -arguments.Temperature * (arguments.Scores[start + label] - arguments.Scores[start + k] - arguments.Margin);

    /// <summary>The exponent of a class less the largest: between two other classes the difference of their scores, however large both exponents are.</summary>
    private static float BelowTop(in Arguments arguments, int start, int label, int k, int top)
    {
        if (top == label)
        {
            return Exponent(arguments, start, label, k);
        }

        return k == label
            ? -Exponent(arguments, start, label, top)
            : arguments.Temperature * (arguments.Scores[start + k] - arguments.Scores[start + top]);
    }

    internal readonly struct Arguments(
        ArrayView<float> scores, ArrayView<float> labels, ArrayView<float> dScores, ArrayView<float> loss, ArrayView<float> weights, int classes, float temperature, float margin, int count)
    {
        public readonly ArrayView<float> Scores = scores;
        public readonly ArrayView<float> Labels = labels;
        public readonly ArrayView<float> DScores = dScores;
        public readonly ArrayView<float> Loss = loss;
        public readonly ArrayView<float> Weights = weights;
        public readonly int Classes = classes;
        public readonly float Temperature = temperature;
        public readonly float Margin = margin;
        public readonly int Count = count;
    }
}
