using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// A pixel at a time: for each element of the kernel a row of products is added to the pixel's channels. Of depthwise convolutions, one channel and
/// one filter a group, that is one product for each channel; of others one row for each channel that is read. The weights are packed in that order.
/// </summary>
internal sealed unsafe class GroupConv2dSimd(SimdDevice device, GroupConv2dGeometry geometry) : GroupConv2d(device, geometry)
{
    private readonly Tensor<float> _packed = device.Allocate(new Shape(geometry.WeightLength));

    protected override void ForwardCore(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, Tensor<float> y, int count)
    {
        Pack(weight, toInput: false);
        device.For(
            count * Geometry.OutputHeight,
            new ForwardRow(Geometry, device.VectorBits, SimdDevice.Pointer(x), SimdDevice.Pointer(_packed), bias is null ? null : SimdDevice.Pointer(bias), SimdDevice.Pointer(y)));
    }

    protected override void BackwardInputCore(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count)
    {
        Pack(weight, toInput: true);
        device.For(count * Geometry.Height, new BackwardRow(Geometry, device.VectorBits, SimdDevice.Pointer(dy), SimdDevice.Pointer(_packed), SimdDevice.Pointer(dx)));
    }

    protected override void Dispose(bool disposing)
    {
        _packed.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>[taps, groups, read, written]: what is written lies together.</summary>
    private void Pack(Tensor<float> weight, bool toInput)
    {
        float* from = SimdDevice.Pointer(weight);
        float* to = SimdDevice.Pointer(_packed);
        int taps = Geometry.Vertical.Size * Geometry.Horizontal.Size;
        (int channels, int filters) = (Geometry.GroupChannels, Geometry.GroupFilters);
        nint panel = (nint)channels * filters;
        for (int filter = 0; filter < Geometry.Filters; filter++)
        {
            (int group, int f) = Math.DivRem(filter, filters);
            for (int c = 0; c < channels; c++)
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    to[((((nint)tap * Geometry.Groups) + group) * panel) + (toInput ? ((nint)f * channels) + c : ((nint)c * filters) + f)] = *from++;
                }
            }
        }
    }

    /// <summary>target[i] += factor · row[i].</summary>
    private readonly struct AddRow(float* row, float factor, float* target) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Broadcast(factor), TSimd.Load(row + index), TSimd.Load(target + index)), target + index);
    }

    /// <summary>target[i] += source[i] · row[i].</summary>
    private readonly struct AddProducts(float* source, float* row, float* target) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(source + index), TSimd.Load(row + index), TSimd.Load(target + index)), target + index);
    }

    /// <summary>Adds one element of the kernel's products of a source pixel to a target pixel.</summary>
    private static void AddTap(int vectorBits, int groups, float* source, int read, float* panel, float* target, int written)
    {
        if (read == 1 && written == 1)
        {
            ElementwiseLoop.Range(vectorBits, new AddProducts(source, panel, target), 0, groups);
            return;
        }

        for (int group = 0; group < groups; group++, target += written)
        {
            for (int i = 0; i < read; i++, panel += written)
            {
                ElementwiseLoop.Range(vectorBits, new AddRow(panel, *source++, target), 0, written);
            }
        }
    }

    private readonly struct ForwardRow(GroupConv2dGeometry g, int vectorBits, float* x, float* packed, float* bias, float* y) : IChunkBody
    {
        public void Run(int chunk)
        {
            (int image, int row) = Math.DivRem(chunk, g.OutputHeight);
            nint panel = (nint)g.Filters * g.GroupChannels;
            for (int column = 0; column < g.OutputWidth; column++)
            {
                float* target = y + ((((((nint)image * g.OutputHeight) + row) * g.OutputWidth) + column) * g.Filters);
                for (int f = 0; f < g.Filters; f++)
                {
                    target[f] = bias is null ? 0 : bias[f];
                }

                for (int v = 0; v < g.Vertical.Size; v++)
                {
                    int from = (row * g.Vertical.Stride) + (v * g.Vertical.Dilation) - g.Vertical.Before;
                    for (int h = 0; h < g.Horizontal.Size && from >= 0 && from < g.Height; h++)
                    {
                        int at = (column * g.Horizontal.Stride) + (h * g.Horizontal.Dilation) - g.Horizontal.Before;
                        if (at >= 0 && at < g.Width)
                        {
                            float* source = x + ((((((nint)image * g.Height) + from) * g.Width) + at) * g.Channels);
                            AddTap(vectorBits, g.Groups, source, g.GroupChannels, packed + (((v * g.Horizontal.Size) + h) * panel), target, g.GroupFilters);
                        }
                    }
                }
            }
        }
    }

    private readonly struct BackwardRow(GroupConv2dGeometry g, int vectorBits, float* dy, float* packed, float* dx) : IChunkBody
    {
        public void Run(int chunk)
        {
            (int image, int row) = Math.DivRem(chunk, g.Height);
            nint panel = (nint)g.Filters * g.GroupChannels;
            for (int column = 0; column < g.Width; column++)
            {
                float* target = dx + ((((((nint)image * g.Height) + row) * g.Width) + column) * g.Channels);
                for (int c = 0; c < g.Channels; c++)
                {
                    target[c] = 0;
                }

                for (int v = 0; v < g.Vertical.Size; v++)
                {
                    int from = Output(g.Vertical, row, v, g.OutputHeight);
                    for (int h = 0; h < g.Horizontal.Size && from >= 0; h++)
                    {
                        int at = Output(g.Horizontal, column, h, g.OutputWidth);
                        if (at >= 0)
                        {
                            float* source = dy + ((((((nint)image * g.OutputHeight) + from) * g.OutputWidth) + at) * g.Filters);
                            AddTap(vectorBits, g.Groups, source, g.GroupFilters, packed + (((v * g.Horizontal.Size) + h) * panel), target, g.GroupChannels);
                        }
                    }
                }
            }
        }

        /// <summary>The output that meets an input with an element of the kernel; −1 where there is none.</summary>
        private static int Output(WindowSteps steps, int input, int element, int outputs)
        {
            int offset = input + steps.Before - (element * steps.Dilation);
            int output = offset / steps.Stride;
            return offset >= 0 && output * steps.Stride == offset && output < outputs ? output : -1;
        }
    }
}
