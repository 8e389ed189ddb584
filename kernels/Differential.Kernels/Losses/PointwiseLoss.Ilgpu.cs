using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Losses;

/// <summary>Loss and gradients in one launch of one group: a batch has a few hundred samples.</summary>
internal sealed class PointwiseLossIlgpu(IlgpuDevice device, PointwiseForm form, int maxCount) : PointwiseLoss(device, form, maxCount)
{
    protected override void ComputeCore(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count) =>
        device.Load<Arguments>(Run).LaunchRows(
            1,
            new(IlgpuDevice.View(scores), IlgpuDevice.View(labels), IlgpuDevice.View(dScores), IlgpuDevice.View(loss), IlgpuDevice.View(Weights), Form, count));

    internal static void Run(Arguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float sum = 0;
        for (int i = Group.IdxX; i < arguments.Count; i += Group.DimX)
        {
            float label = arguments.Labels[i];
            float weight = arguments.Weights[Class(arguments, i)];
            float d = arguments.Temperature * ((label * arguments.Scores[i]) - arguments.Margin);

            // Divided before it is added: a sum of terms that saturate each by itself stays finite.
            sum += weight * SurrogateOperator.Value((Surrogate)arguments.Surrogate, d) / arguments.Count;
            float slope = arguments.Temperature / arguments.Count * label * SurrogateOperator.Slope((Surrogate)arguments.Surrogate, d);
            arguments.DScores[i] = PairwiseKernels.Saturated(weight * slope);
        }

        sum = GroupReduction.Sum(sum, scratch);
        if (Group.IdxX == 0)
        {
            arguments.Loss[0] = PairwiseKernels.Saturated(sum);
        }
    }

    /// <summary>The class of the sample that a score belongs to.</summary>
    private static int Class(in Arguments arguments, int index)
    {
        if (arguments.PerSample == 1)
        {
            return arguments.Labels[index] > 0 ? 0 : 1;
        }

        int start = index / arguments.PerSample * arguments.PerSample;
        int own = 0;
        for (int k = 1; k < arguments.PerSample; k++)
        {
            own = arguments.Labels[start + k] > 0 ? k : own;
        }

        return own;
    }

    internal readonly struct Arguments(
        ArrayView<float> scores, ArrayView<float> labels, ArrayView<float> dScores, ArrayView<float> loss, ArrayView<float> weights, PointwiseForm form, int count)
    {
        public readonly ArrayView<float> Scores = scores;
        public readonly ArrayView<float> Labels = labels;
        public readonly ArrayView<float> DScores = dScores;
        public readonly ArrayView<float> Loss = loss;
        public readonly ArrayView<float> Weights = weights;
        public readonly int Surrogate = (int)form.Surrogate;
        public readonly float Temperature = form.Temperature;
        public readonly float Margin = form.Margin;
        public readonly int PerSample = form.Scores;
        public readonly int Count = count;
    }
}
