using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Convolution;

/// <summary>One thread per element that is written; it walks the kernel and the channels of its group.</summary>
internal sealed class GroupConv2dIlgpu(IlgpuDevice device, GroupConv2dGeometry geometry) : GroupConv2d(device, geometry)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, Tensor<float> y, int count) =>
        device.Load<Arguments>(Forward).LaunchElements(
            (long)count * Geometry.OutputLength,
            new(IlgpuDevice.View(x), IlgpuDevice.View(weight), IlgpuDevice.View(bias ?? weight), bias is not null, IlgpuDevice.View(y), Geometry, Geometry.OutputHeight, Geometry.OutputWidth, Geometry.Filters, Geometry.GroupFilters, count));

    protected override void BackwardInputCore(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count) =>
        device.Load<Arguments>(BackwardInput).LaunchElements(
            (long)count * Geometry.InputLength,
            new(IlgpuDevice.View(dy), IlgpuDevice.View(weight), IlgpuDevice.View(weight), false, IlgpuDevice.View(dx), Geometry, Geometry.Height, Geometry.Width, Geometry.Channels, Geometry.GroupChannels, count));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        GroupConv2dGeometry g = arguments.Geometry;
        if (i >= arguments.Count * g.OutputLength)
        {
            return;
        }

        Place place = Decode(arguments, i);
        int group = arguments.Group.Divide(place.Channel);
        float sum = arguments.HasBias != 0 ? arguments.Bias[place.Channel] : 0;
        int weight = place.Channel * g.GroupChannels * g.Vertical.Size * g.Horizontal.Size;
        for (int v = 0; v < g.Vertical.Size; v++)
        {
            int row = (place.Row * g.Vertical.Stride) + (v * g.Vertical.Dilation) - g.Vertical.Before;
            for (int h = 0; h < g.Horizontal.Size; h++)
            {
                int column = (place.Column * g.Horizontal.Stride) + (h * g.Horizontal.Dilation) - g.Horizontal.Before;
                if (row >= 0 && row < g.Height && column >= 0 && column < g.Width)
                {
                    int source = (((((place.Image * g.Height) + row) * g.Width) + column) * g.Channels) + (group * g.GroupChannels);
                    for (int c = 0; c < g.GroupChannels; c++)
                    {
                        sum += arguments.X[source + c] * arguments.Weight[weight + (((c * g.Vertical.Size) + v) * g.Horizontal.Size) + h];
                    }
                }
            }
        }

        arguments.Y[i] = sum;
    }

    internal static void BackwardInput(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        GroupConv2dGeometry g = arguments.Geometry;
        if (i >= arguments.Count * g.InputLength)
        {
            return;
        }

        Place place = Decode(arguments, i);
        int group = arguments.Group.Divide(place.Channel);
        int within = place.Channel - (group * g.GroupChannels);
        int taps = g.Vertical.Size * g.Horizontal.Size;
        float sum = 0;
        for (int v = 0; v < g.Vertical.Size; v++)
        {
            int down = place.Row + g.Vertical.Before - (v * g.Vertical.Dilation);
            int row = down / g.Vertical.Stride;
            for (int h = 0; h < g.Horizontal.Size; h++)
            {
                int right = place.Column + g.Horizontal.Before - (h * g.Horizontal.Dilation);
                int column = right / g.Horizontal.Stride;
                if (down >= 0 && row * g.Vertical.Stride == down && row < g.OutputHeight && right >= 0 && column * g.Horizontal.Stride == right && column < g.OutputWidth)
                {
                    int source = (((((place.Image * g.OutputHeight) + row) * g.OutputWidth) + column) * g.Filters) + (group * g.GroupFilters);
                    for (int f = 0; f < g.GroupFilters; f++)
                    {
                        int filter = (group * g.GroupFilters) + f;
                        sum += arguments.X[source + f] * arguments.Weight[(((filter * g.GroupChannels) + within) * taps) + (v * g.Horizontal.Size) + h];
                    }
                }
            }
        }

        arguments.Y[i] = sum;
    }

    private static Place Decode(in Arguments arguments, int i)
    {
        int pixel = arguments.Channels.Divide(i);
        int line = arguments.Columns.Divide(pixel);
        int image = arguments.Rows.Divide(line);
        return new Place(image, line - (image * arguments.Rows.Value), pixel - (line * arguments.Columns.Value), i - (pixel * arguments.Channels.Value));
    }

    private readonly struct Place(int image, int row, int column, int channel)
    {
        public readonly int Image = image;
        public readonly int Row = row;
        public readonly int Column = column;
        public readonly int Channel = channel;
    }

    /// <summary>Rows, columns and channels are those of the images that are written, the group those of their channels.</summary>
    internal readonly struct Arguments(
        ArrayView<float> x, ArrayView<float> weight, ArrayView<float> bias, bool hasBias, ArrayView<float> y, GroupConv2dGeometry geometry, int rows, int columns, int channels, int group, int count)
    {
        public readonly ArrayView<float> X = x;
        public readonly ArrayView<float> Weight = weight;
        public readonly ArrayView<float> Bias = bias;
        public readonly int HasBias = hasBias ? 1 : 0;
        public readonly ArrayView<float> Y = y;
        public readonly GroupConv2dGeometry Geometry = geometry;
        public readonly Divisor Rows = new(rows);
        public readonly Divisor Columns = new(columns);
        public readonly Divisor Channels = new(channels);
        public readonly Divisor Group = new(group);
        public readonly int Count = count;
    }
}
