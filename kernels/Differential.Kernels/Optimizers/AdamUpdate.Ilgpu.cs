using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;
using ILGPU;

namespace Differential.Kernels.Optimizers;

internal sealed class AdamUpdateIlgpu(IlgpuDevice device) : AdamUpdate(device)
{
    protected override void StepCore(
        Tensor<float> parameters,
        Tensor<float> gradients,
        Tensor<float> mean,
        Tensor<float> variance,
        Tensor<float> numbers,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay) =>
        device.Load<Arguments>(Run).LaunchElements(
            parameters.Length,
            new(
                IlgpuDevice.View(parameters),
                IlgpuDevice.View(gradients),
                IlgpuDevice.View(mean),
                IlgpuDevice.View(variance),
                IlgpuDevice.View(numbers),
                beta1,
                beta2,
                epsilon,
                weightDecay));

    internal static void Run(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Weights.IntLength)
        {
            var constants = new AdamOperator.Constants(arguments.Numbers[0], arguments.Beta1, arguments.Beta2, arguments.Epsilon, arguments.WeightDecay, arguments.Numbers[1]);
            float mean = arguments.Mean[i];
            float variance = arguments.Variance[i];
            arguments.Weights[i] = AdamOperator.Step<float, SimdScalar>(arguments.Weights[i], arguments.Gradients[i], ref mean, ref variance, constants);
            arguments.Mean[i] = mean;
            arguments.Variance[i] = variance;
        }
    }

    internal readonly struct Arguments(
        ArrayView<float> weights,
        ArrayView<float> gradients,
        ArrayView<float> mean,
        ArrayView<float> variance,
        ArrayView<float> numbers,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay)
    {
        public readonly ArrayView<float> Weights = weights;
        public readonly ArrayView<float> Gradients = gradients;
        public readonly ArrayView<float> Mean = mean;
        public readonly ArrayView<float> Variance = variance;
        public readonly ArrayView<float> Numbers = numbers;
        public readonly float Beta1 = beta1;
        public readonly float Beta2 = beta2;
        public readonly float Epsilon = epsilon;
        public readonly float WeightDecay = weightDecay;
    }
}
