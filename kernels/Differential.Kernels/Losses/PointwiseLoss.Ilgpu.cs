using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Losses;

/// <summary>Loss and gradients in one launch of one group: a batch has a few hundred samples.</summary>
internal sealed class PointwiseLossIlgpu(IlgpuDevice device, Surrogate surrogate, float temperature, float margin, int maxCount)
    : PointwiseLoss(device, surrogate, temperature, margin, maxCount)
{
    protected override void ComputeCore(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count) =>
        device.Load<Arguments>(Run).LaunchRows(
            1,
            new(IlgpuDevice.View(scores), IlgpuDevice.View(labels), IlgpuDevice.View(dScores), IlgpuDevice.View(loss), (int)Surrogate, Temperature, Margin, count));

    internal static void Run(Arguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float sum = 0;
        for (int i = Group.IdxX; i < arguments.Count; i += Group.DimX)
        {
            float label = arguments.Labels[i];
            float d = arguments.Temperature * ((label * arguments.Scores[i]) - arguments.Margin);
            
            // Divided before it is added: a sum of terms that saturate each by itself stays finite.
            sum += SurrogateOperator.Value((Surrogate)arguments.Surrogate, d) / arguments.Count;
            float slope = arguments.Temperature / arguments.Count * label * SurrogateOperator.Slope((Surrogate)arguments.Surrogate, d);
            arguments.DScores[i] = PairwiseKernels.Saturated(slope);
        }

        sum = GroupReduction.Sum(sum, scratch);
        if (Group.IdxX == 0)
        {
            arguments.Loss[0] = PairwiseKernels.Saturated(sum);
        }
    }

    internal readonly struct Arguments(
        ArrayView<float> scores, ArrayView<float> labels, ArrayView<float> dScores, ArrayView<float> loss, int surrogate, float temperature, float margin, int count)
    {
        public readonly ArrayView<float> Scores = scores;
        public readonly ArrayView<float> Labels = labels;
        public readonly ArrayView<float> DScores = dScores;
        public readonly ArrayView<float> Loss = loss;
        public readonly int Surrogate = surrogate;
        public readonly float Temperature = temperature;
        public readonly float Margin = margin;
        public readonly int Count = count;
    }
}
