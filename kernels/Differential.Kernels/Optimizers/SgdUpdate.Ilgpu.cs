using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;
using ILGPU;

namespace Differential.Kernels.Optimizers;

internal sealed class SgdUpdateIlgpu(IlgpuDevice device) : SgdUpdate(device)
{
    protected override void StepCore(Tensor<float> parameters, Tensor<float> gradients, Tensor<float> velocity, Tensor<float> learningRate, float momentum, bool nesterov, float weightDecay)
    {
        Arguments arguments = new(IlgpuDevice.View(parameters), IlgpuDevice.View(gradients), IlgpuDevice.View(velocity), IlgpuDevice.View(learningRate), momentum, nesterov, weightDecay);
        device.Load<Arguments>(momentum == 0 ? Plain : WithMomentum).LaunchElements(parameters.Length, arguments);
    }

    internal static void Plain(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Weights.IntLength)
        {
            arguments.Weights[i] = SgdOperator.Plain<float, SimdScalar>(arguments.Weights[i], arguments.Gradients[i], arguments.LearningRate[0], arguments.WeightDecay);
        }
    }

    internal static void WithMomentum(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Weights.IntLength)
        {
            float velocity = arguments.Velocity[i];
            arguments.Weights[i] = SgdOperator.Momentum<float, SimdScalar>(
                arguments.Weights[i], arguments.Gradients[i], ref velocity, arguments.LearningRate[0], arguments.Momentum, arguments.Nesterov != 0, arguments.WeightDecay);
            arguments.Velocity[i] = velocity;
        }
    }

    internal readonly struct Arguments(ArrayView<float> weights, ArrayView<float> gradients, ArrayView<float> velocity, ArrayView<float> learningRate, float momentum, bool nesterov, float weightDecay)
    {
        public readonly ArrayView<float> Weights = weights;
        public readonly ArrayView<float> Gradients = gradients;
        public readonly ArrayView<float> Velocity = velocity;
        public readonly ArrayView<float> LearningRate = learningRate;
        public readonly float Momentum = momentum;
        public readonly int Nesterov = nesterov ? 1 : 0;
        public readonly float WeightDecay = weightDecay;
    }
}
