using Differential.Kernels.Devices;

namespace Differential.Kernels.Convolution;

/// <summary>
/// 2-D convolution with groups, dilations and any paddings, directly: for the shapes that <see cref="Conv2d"/> does not take. Images are channels
/// last, weights [filters, channels / groups, rows, columns]. There is no gradient by the weights: networks with such layers are not trained here.
/// </summary>
public abstract class GroupConv2d : Operation
{
    protected GroupConv2d(ComputeDevice device, GroupConv2dGeometry geometry)
        : base(device) => Geometry = geometry;

    public GroupConv2dGeometry Geometry { get; }

    /// <exception cref="ArgumentOutOfRangeException">The geometry is none.</exception>
    public static GroupConv2d Create(ComputeDevice device, GroupConv2dGeometry geometry)
    {
        geometry.Validate();
        return device switch
        {
            SimdDevice simd => new GroupConv2dSimd(simd, geometry),
            IlgpuDevice ilgpu => new GroupConv2dIlgpu(ilgpu, geometry),
            _ => throw NoKernel(device, nameof(GroupConv2d)),
        };
    }

    /// <param name="x">[count, height, width, channels].</param>
    /// <param name="weight">[filters, channels / groups, rows, columns].</param>
    /// <param name="bias">[filters]; null for none.</param>
    /// <param name="y">[count, outputHeight, outputWidth, filters], overwritten.</param>
    /// <param name="count">Images.</param>
    public void Forward(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, Tensor<float> y, int count)
    {
        Check(x, (long)count * Geometry.InputLength, nameof(x));
        Check(weight, Geometry.WeightLength, nameof(weight));
        Check(y, (long)count * Geometry.OutputLength, nameof(y));
        if (bias is not null)
        {
            Check(bias, Geometry.Filters, nameof(bias));
        }

        ForwardCore(x, weight, bias, y, count);
    }

    /// <summary>dx from dy.</summary>
    public void BackwardInput(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count)
    {
        Check(dy, (long)count * Geometry.OutputLength, nameof(dy));
        Check(weight, Geometry.WeightLength, nameof(weight));
        Check(dx, (long)count * Geometry.InputLength, nameof(dx));
        BackwardInputCore(dy, weight, dx, count);
    }

    protected abstract void ForwardCore(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, Tensor<float> y, int count);

    protected abstract void BackwardInputCore(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count);
}
