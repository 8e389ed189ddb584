using Differential.Kernels.Devices;

namespace Differential.Kernels.Convolution;

/// <summary>
/// Direct convolution on the SIMD device. Weights are packed once per call; images, and strips of rows where there are few images, are split
/// over the threads.
/// </summary>
internal sealed unsafe class Conv2dSimd : Conv2d
{
    private readonly WindowPlan _forward;
    private readonly WindowPlan _backward;
    private readonly ThinInputGradient? _thin;
    private readonly WeightGradientPlan _gradient;
    private readonly Tensor<float> _bias;
    private readonly Tensor<float> _zeros;

    public Conv2dSimd(SimdDevice device, Conv2dGeometry geometry, int maxBatch)
        : base(device, geometry, maxBatch)
    {
        _forward = WindowPlan.Forward(device, geometry);
        _backward = WindowPlan.BackwardInput(device, geometry);
        _thin = ThinInputGradient.Suits(device.Tiles, geometry) ? new ThinInputGradient(device, geometry) : null;
        _gradient = new WeightGradientPlan(device, geometry, maxBatch);
        _bias = device.Allocate(new Shape(geometry.Filters + device.Tiles.Columns));
        _zeros = device.Allocate(new Shape(Math.Max(geometry.Filters, geometry.Channels) + device.Tiles.Columns));
    }

    public override void Reserve(bool backwardInput, bool backwardWeight)
    {
        _forward.Reserve();
        if (backwardInput && _thin is not null)
        {
            _thin.Reserve();
        }
        else if (backwardInput)
        {
            _backward.Reserve();
        }

        if (backwardWeight)
        {
            _gradient.Reserve();
        }
    }

    protected override void ForwardCore(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, bool relu, Tensor<float> y, int count)
    {
        if (bias is not null)
        {
            _bias.CopyFrom(bias, Geometry.Filters);
        }

        float* start = SimdDevice.Pointer(bias is null ? _zeros : _bias);
        _forward.Run(SimdDevice.Pointer(x), SimdDevice.Pointer(weight), start, relu ? 0 : float.NegativeInfinity, SimdDevice.Pointer(y), count);
    }

    protected override void BackwardInputCore(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count)
    {
        if (_thin is not null)
        {
            _thin.Run(SimdDevice.Pointer(dy), SimdDevice.Pointer(weight), SimdDevice.Pointer(dx), count);
        }
        else
        {
            _backward.Run(SimdDevice.Pointer(dy), SimdDevice.Pointer(weight), SimdDevice.Pointer(_zeros), float.NegativeInfinity, SimdDevice.Pointer(dx), count);
        }
    }

    protected override void BackwardWeightCore(Tensor<float> x, Tensor<float> dy, Tensor<float> dWeight, Tensor<float>? dBias, int count) =>
        _gradient.Run(SimdDevice.Pointer(x), SimdDevice.Pointer(dy), SimdDevice.Pointer(dWeight), dBias is null ? null : SimdDevice.Pointer(dBias), count);

    protected override void Dispose(bool disposing)
    {
        _forward.Dispose();
        _backward.Dispose();
        _thin?.Dispose();
        _gradient.Dispose();
        _bias.Dispose();
        _zeros.Dispose();
        base.Dispose(disposing);
    }
}
