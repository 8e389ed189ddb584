using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using ILGPU;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>Arguments of <see cref="Conv2dPlainKernels"/>; which view is written depends on the kernel.</summary>
internal readonly struct Conv2dPlainArguments(Conv2dGeometry geometry, int count, ArrayView<float> x, ArrayView<float> weight, ArrayView<float> y)
{
    public readonly Conv2dGeometry Geometry = geometry;
    public readonly PixelGrid Input = new(geometry.Height, geometry.Width);
    public readonly PixelGrid Output = new(geometry.OutputHeight, geometry.OutputWidth);
    public readonly PixelOrder InputOrder = new(geometry.Height, geometry.Width);
    public readonly PixelOrder OutputOrder = new(geometry.OutputHeight, geometry.OutputWidth);
    public readonly int Count = count;
    public readonly ArrayView<float> X = x;
    public readonly ArrayView<float> Weight = weight;
    public readonly ArrayView<float> Y = y;

    public int WeightIndex(int filter, int channel, int kernelRow, int kernelColumn) =>
        (((((filter * Geometry.Channels) + channel) * Geometry.Size) + kernelRow) * Geometry.Size) + kernelColumn;
}

/// <summary>
/// The convolution with one thread per output element, every factor read from memory: the readable reference that the tiled
/// version is checked against on each device.
/// </summary>
internal static class Conv2dPlainKernels
{
    /// <summary>y = x ∗ w.</summary>
    public static void Forward(Conv2dPlainArguments arguments)
    {
        Conv2dGeometry g = arguments.Geometry;
        int index = Grid.GlobalIndex.X;
        if (index >= arguments.Count * g.OutputLength)
        {
            return;
        }

        int filter = index % g.Filters;
        Pixel output = arguments.OutputOrder.At(index / g.Filters);
        float sum = 0;
        for (int kernelRow = 0; kernelRow < g.Size; kernelRow++)
        {
            for (int kernelColumn = 0; kernelColumn < g.Size; kernelColumn++)
            {
                int inputRow = (output.Row * g.Stride) - g.Padding + kernelRow;
                int inputColumn = (output.Column * g.Stride) - g.Padding + kernelColumn;
                if (!arguments.Input.Contains(inputRow, inputColumn))
                {
                    continue;
                }

                int input = arguments.Input.Number(output.Image, inputRow, inputColumn) * g.Channels;
                for (int channel = 0; channel < g.Channels; channel++)
                {
                    sum += arguments.X[input + channel] * arguments.Weight[arguments.WeightIndex(filter, channel, kernelRow, kernelColumn)];
                }
            }
        }

        arguments.Y[index] = sum;
    }

    /// <summary>dx: every output that used the input element, in the kernel's order.</summary>
    public static void BackwardInput(Conv2dPlainArguments arguments)
    {
        Conv2dGeometry g = arguments.Geometry;
        int index = Grid.GlobalIndex.X;
        if (index >= arguments.Count * g.InputLength)
        {
            return;
        }

        int channel = index % g.Channels;
        Pixel input = arguments.InputOrder.At(index / g.Channels);
        float sum = 0;
        for (int kernelRow = 0; kernelRow < g.Size; kernelRow++)
        {
            for (int kernelColumn = 0; kernelColumn < g.Size; kernelColumn++)
            {
                int down = input.Row + g.Padding - kernelRow;
                int across = input.Column + g.Padding - kernelColumn;
                if (down < 0 || across < 0 || down % g.Stride != 0 || across % g.Stride != 0 || !arguments.Output.Contains(down / g.Stride, across / g.Stride))
                {
                    continue;
                }

                int output = arguments.Output.Number(input.Image, down / g.Stride, across / g.Stride) * g.Filters;
                for (int filter = 0; filter < g.Filters; filter++)
                {
                    sum += arguments.Y[output + filter] * arguments.Weight[arguments.WeightIndex(filter, channel, kernelRow, kernelColumn)];
                }
            }
        }

        arguments.X[index] = sum;
    }

    /// <summary>dW: one thread per weight, over all images and output pixels in order.</summary>
    public static void BackwardWeight(Conv2dPlainArguments arguments)
    {
        Conv2dGeometry g = arguments.Geometry;
        int index = Grid.GlobalIndex.X;
        if (index >= g.WeightLength)
        {
            return;
        }

        int kernelColumn = index % g.Size;
        int kernelRow = index / g.Size % g.Size;
        int channel = index / g.Size / g.Size % g.Channels;
        int filter = index / g.Size / g.Size / g.Channels;
        float sum = 0;
        for (int pixel = 0; pixel < arguments.Count * g.OutputHeight * g.OutputWidth; pixel++)
        {
            Pixel output = arguments.OutputOrder.At(pixel);
            int inputRow = (output.Row * g.Stride) - g.Padding + kernelRow;
            int inputColumn = (output.Column * g.Stride) - g.Padding + kernelColumn;
            if (arguments.Input.Contains(inputRow, inputColumn))
            {
                int input = (arguments.Input.Number(output.Image, inputRow, inputColumn) * g.Channels) + channel;
                sum += arguments.Y[(pixel * g.Filters) + filter] * arguments.X[input];
            }
        }

        arguments.Weight[index] = sum;
    }

    /// <summary>Queues one of the kernels above with a thread per element of what it writes.</summary>
    public static void Launch(IlgpuDevice device, Action<Conv2dPlainArguments> kernel, Conv2dGeometry geometry, int count, Tensor<float> x, Tensor<float> weight, Tensor<float> y, int elements) =>
        device.Load(kernel).LaunchElements(elements, new Conv2dPlainArguments(geometry, count, IlgpuDevice.View(x), IlgpuDevice.View(weight), IlgpuDevice.View(y)));
}
