using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Pooling;

/// <summary>Forward a thread per channel of an image, backward one per input.</summary>
internal sealed class GlobalAveragePoolIlgpu(IlgpuDevice device, int pixels, int channels) : GlobalAveragePool(device, pixels, channels)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> y, int count) =>
        device.Load<Arguments>(Forward).LaunchElements((long)count * Channels, new(IlgpuDevice.View(x), IlgpuDevice.View(y), Pixels, Channels, count * Channels));

    protected override void BackwardCore(Tensor<float> dy, Tensor<float> dx, int count) =>
        device.Load<Arguments>(Backward).LaunchElements(
            (long)count * Pixels * Channels, new(IlgpuDevice.View(dy), IlgpuDevice.View(dx), Pixels, Channels, count * Pixels * Channels));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= arguments.Length)
        {
            return;
        }

        int image = arguments.Channels.Divide(i);
        int start = (image * arguments.Pixels.Value * arguments.Channels.Value) + (i - (image * arguments.Channels.Value));
        float sum = 0;
        for (int pixel = 0; pixel < arguments.Pixels.Value; pixel++)
        {
            sum += arguments.Source[start + (pixel * arguments.Channels.Value)];
        }

        arguments.Target[i] = sum * arguments.Share;
    }

    internal static void Backward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= arguments.Length)
        {
            return;
        }

        int pixel = arguments.Channels.Divide(i);
        int image = arguments.Pixels.Divide(pixel);
        arguments.Target[i] = arguments.Source[(image * arguments.Channels.Value) + (i - (pixel * arguments.Channels.Value))] * arguments.Share;
    }

    internal readonly struct Arguments(ArrayView<float> source, ArrayView<float> target, int pixels, int channels, int length)
    {
        public readonly ArrayView<float> Source = source;
        public readonly ArrayView<float> Target = target;
        public readonly Divisor Pixels = new(pixels);
        public readonly Divisor Channels = new(channels);
        public readonly float Share = 1f / pixels;
        public readonly int Length = length;
    }
}
