using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;
using ILGPU;

namespace Differential.Kernels.Convolution;

/// <summary>Arguments of <see cref="Conv2dPlainKernels"/>; which view is written depends on the kernel.</summary>
internal readonly struct Conv2dPlainArguments(Conv2dGeometry geometry, int count, ArrayView<float> x, ArrayView<float> weight, ArrayView<float> y)
{
    public readonly Conv2dGeometry Geometry = geometry;
    public readonly int Count = count;
    public readonly ArrayView<float> X = x;
    public readonly ArrayView<float> Weight = weight;
    public readonly ArrayView<float> Y = y;
}

/// <summary>
/// Version 1 of the convolution: one thread per output element, every factor read from memory. Kept as the readable
/// reference that the tiled version is checked against on each device.
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
        int pixel = index / g.Filters;
        int column = pixel % g.OutputWidth;
        int row = pixel / g.OutputWidth % g.OutputHeight;
        int image = pixel / g.OutputWidth / g.OutputHeight;
        float sum = 0;
        for (int kernelRow = 0; kernelRow < g.Size; kernelRow++)
        {
            for (int kernelColumn = 0; kernelColumn < g.Size; kernelColumn++)
            {
                int inputRow = (row * g.Stride) - g.Padding + kernelRow;
                int inputColumn = (column * g.Stride) - g.Padding + kernelColumn;
                if (inputRow < 0 || inputRow >= g.Height || inputColumn < 0 || inputColumn >= g.Width)
                {
                    continue;
                }

                for (int channel = 0; channel < g.Channels; channel++)
                {
                    float x = arguments.X[(((((image * g.Height) + inputRow) * g.Width) + inputColumn) * g.Channels) + channel];
                    sum += x * arguments.Weight[(((((filter * g.Channels) + channel) * g.Size) + kernelRow) * g.Size) + kernelColumn];
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
        int pixel = index / g.Channels;
        int column = pixel % g.Width;
        int row = pixel / g.Width % g.Height;
        int image = pixel / g.Width / g.Height;
        float sum = 0;
        for (int kernelRow = 0; kernelRow < g.Size; kernelRow++)
        {
            for (int kernelColumn = 0; kernelColumn < g.Size; kernelColumn++)
            {
                int down = row + g.Padding - kernelRow;
                int across = column + g.Padding - kernelColumn;
                if (down < 0 || across < 0 || down % g.Stride != 0 || across % g.Stride != 0 || down / g.Stride >= g.OutputHeight || across / g.Stride >= g.OutputWidth)
                {
                    continue;
                }

                int output = ((((image * g.OutputHeight) + (down / g.Stride)) * g.OutputWidth) + (across / g.Stride)) * g.Filters;
                for (int filter = 0; filter < g.Filters; filter++)
                {
                    sum += arguments.Y[output + filter] * arguments.Weight[(((((filter * g.Channels) + channel) * g.Size) + kernelRow) * g.Size) + kernelColumn];
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
            int image = pixel / g.OutputWidth / g.OutputHeight;
            int inputRow = (pixel / g.OutputWidth % g.OutputHeight * g.Stride) - g.Padding + kernelRow;
            int inputColumn = (pixel % g.OutputWidth * g.Stride) - g.Padding + kernelColumn;
            if (inputRow >= 0 && inputRow < g.Height && inputColumn >= 0 && inputColumn < g.Width)
            {
                sum += arguments.Y[(pixel * g.Filters) + filter] * arguments.X[(((((image * g.Height) + inputRow) * g.Width) + inputColumn) * g.Channels) + channel];
            }
        }

        arguments.Weight[index] = sum;
    }

    /// <summary>Queues one of the kernels above with a thread per element of what it writes.</summary>
    public static void Launch(IlgpuDevice device, Action<Conv2dPlainArguments> kernel, Conv2dGeometry geometry, int count, Tensor<float> x, Tensor<float> weight, Tensor<float> y, int elements) =>
        device.Load(kernel).LaunchElements(elements, new Conv2dPlainArguments(geometry, count, IlgpuDevice.View(x), IlgpuDevice.View(weight), IlgpuDevice.View(y)));
}
