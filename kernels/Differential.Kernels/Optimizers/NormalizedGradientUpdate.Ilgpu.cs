using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;
using ILGPU;

namespace Differential.Kernels.Optimizers;

/// <summary>The loss stays on the device: the host never waits for it.</summary>
internal sealed class NormalizedGradientUpdateIlgpu(IlgpuDevice device) : NormalizedGradientUpdate(device)
{
    protected override void StepCore(Tensor<float> parameters, Tensor<float> gradients, Tensor<float> velocity, Tensor<float> loss, Tensor<float> numbers) =>
        device.Load<Arguments>(Run).LaunchElements(
            parameters.Length,
            new(IlgpuDevice.View(parameters), IlgpuDevice.View(gradients), IlgpuDevice.View(velocity), IlgpuDevice.View(loss), IlgpuDevice.View(numbers)));

    internal static void Run(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Weights.IntLength && arguments.Loss[0] != 0)
        {
            float velocity = arguments.Velocity[i];
            arguments.Weights[i] = NormalizedGradientOperator.Step<float, SimdScalar>(
                arguments.Weights[i], arguments.Gradients[i], ref velocity, arguments.Loss[0], arguments.Numbers[0], arguments.Numbers[1]);
            arguments.Velocity[i] = velocity;
        }
    }

    internal readonly struct Arguments(ArrayView<float> weights, ArrayView<float> gradients, ArrayView<float> velocity, ArrayView<float> loss, ArrayView<float> numbers)
    {
        public readonly ArrayView<float> Weights = weights;
        public readonly ArrayView<float> Gradients = gradients;
        public readonly ArrayView<float> Velocity = velocity;
        public readonly ArrayView<float> Loss = loss;
        public readonly ArrayView<float> Numbers = numbers;
    }
}
