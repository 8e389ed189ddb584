using Differential.Kernels.Devices;
using Differential.Kernels.Gemm;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;
using ILGPU;

namespace Differential.Kernels.Elementwise;

internal sealed class ChannelAffineIlgpu(IlgpuDevice device) : ChannelAffine(device)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> mean, float scale, Tensor<float> y, int length) =>
        device.Load<Arguments>(Forward).LaunchElements(length, new(IlgpuDevice.View(x), IlgpuDevice.View(mean), IlgpuDevice.View(y), mean.Length, scale, length));

    protected override void BackwardCore(Tensor<float> dy, float scale, Tensor<float> dx, int length) =>
        device.Load<Arguments>(Backward).LaunchElements(length, new(IlgpuDevice.View(dy), IlgpuDevice.View(dy), IlgpuDevice.View(dx), 1, scale, length));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            int channel = i - (arguments.Channels.Divide(i) * arguments.Channels.Value);
            arguments.Target[i] = ChannelAffineOperator.Forward<float, SimdScalar>(arguments.Source[i], arguments.Mean[channel], arguments.Scale);
        }
    }

    internal static void Backward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = ChannelAffineOperator.Backward<float, SimdScalar>(arguments.Source[i], arguments.Scale);
        }
    }

    internal readonly struct Arguments(ArrayView<float> source, ArrayView<float> mean, ArrayView<float> target, int channels, float scale, int length)
    {
        public readonly ArrayView<float> Source = source;
        public readonly ArrayView<float> Mean = mean;
        public readonly ArrayView<float> Target = target;
        public readonly Divisor Channels = new(channels);
        public readonly float Scale = scale;
        public readonly int Length = length;
    }
}
