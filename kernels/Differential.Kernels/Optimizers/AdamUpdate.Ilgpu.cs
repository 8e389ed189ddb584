using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;
using ILGPU;

namespace Differential.Kernels.Optimizers;

/// <content>The ILGPU devices.</content>
public abstract partial class AdamUpdate
{
    static partial void CreateIlgpu(ComputeDevice device, ref AdamUpdate? operation)
    {
        if (device is IlgpuDevice ilgpu)
        {
            operation = new AdamUpdateIlgpu(ilgpu);
        }
    }
}

internal sealed class AdamUpdateIlgpu(IlgpuDevice device) : AdamUpdate(device)
{
    protected override void StepCore(
        Tensor<float> parameters,
        Tensor<float> gradients,
        Tensor<float> mean,
        Tensor<float> variance,
        float rate,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay,
        float varianceScale) =>
        device.Load<Arguments>(Run).LaunchElements(
            parameters.Length,
            new(
                IlgpuDevice.View(parameters),
                IlgpuDevice.View(gradients),
                IlgpuDevice.View(mean),
                IlgpuDevice.View(variance),
                new AdamOperator.Constants(rate, beta1, beta2, epsilon, weightDecay, varianceScale)));

    internal static void Run(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Weights.IntLength)
        {
            float mean = arguments.Mean[i];
            float variance = arguments.Variance[i];
            arguments.Weights[i] = AdamOperator.Step<float, SimdScalar>(arguments.Weights[i], arguments.Gradients[i], ref mean, ref variance, arguments.Constants);
            arguments.Mean[i] = mean;
            arguments.Variance[i] = variance;
        }
    }

    internal readonly struct Arguments(ArrayView<float> weights, ArrayView<float> gradients, ArrayView<float> mean, ArrayView<float> variance, AdamOperator.Constants constants)
    {
        public readonly ArrayView<float> Weights = weights;
        public readonly ArrayView<float> Gradients = gradients;
        public readonly ArrayView<float> Mean = mean;
        public readonly ArrayView<float> Variance = variance;
        public readonly AdamOperator.Constants Constants = constants;
    }
}
