using Differential.Kernels.Devices;

namespace Differential.Kernels.Convolution;

/// <summary>
/// Convolution on the SIMD device by Winograd's tiles, for geometries that <see cref="WinogradGrid.Suits"/>. The weight gradient is direct where its
/// sums would take too much room.
/// </summary>
internal sealed unsafe class Conv2dWinograd : Conv2d
{
    private readonly WinogradPass _forward;
    private readonly WinogradPass[] _backward;
    private readonly IWeightGradientPlan _gradient;
    private readonly Tensor<float> _zeros;

    public Conv2dWinograd(SimdDevice device, Conv2dGeometry geometry, int maxBatch)
        : base(device, geometry, maxBatch)
    {
        var transforms = WinogradSet.Create(device.VectorBits, geometry.Size / geometry.Stride);
        _forward = new WinogradPass(device, transforms, WinogradGrid.Forward(geometry));
        _backward = [.. WinogradGrid.BackwardInput(geometry).Select(grid => new WinogradPass(device, transforms, grid))];
        _gradient = WinogradGradient.Suits(geometry) ? new WinogradGradient(device, transforms, geometry, maxBatch)
            : WinogradWideGradient.Suits(geometry) ? new WinogradWideGradient(device, transforms, geometry, maxBatch)
            : new WeightGradientPlan(device, geometry, maxBatch);
        _zeros = device.Allocate(new Shape(Math.Max(geometry.Filters, geometry.Channels)));
    }

    public override void Reserve(bool backwardInput, bool backwardWeight)
    {
        _forward.Reserve();
        if (backwardInput)
        {
            Array.ForEach(_backward, static pass => pass.Reserve());
        }

        if (backwardWeight)
        {
            _gradient.Reserve();
        }
    }

    protected override void ForwardCore(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, bool relu, Tensor<float> y, int count) =>
        _forward.Run(SimdDevice.Pointer(x), SimdDevice.Pointer(weight), SimdDevice.Pointer(bias ?? _zeros), relu ? 0 : float.NegativeInfinity, SimdDevice.Pointer(y), count);

    protected override void BackwardInputCore(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count)
    {
        foreach (WinogradPass pass in _backward)
        {
            pass.Run(SimdDevice.Pointer(dy), SimdDevice.Pointer(weight), SimdDevice.Pointer(_zeros), float.NegativeInfinity, SimdDevice.Pointer(dx), count);
        }
    }

    protected override void BackwardWeightCore(Tensor<float> x, Tensor<float> dy, Tensor<float> dWeight, Tensor<float>? dBias, int count) =>
        _gradient.Run(SimdDevice.Pointer(x), SimdDevice.Pointer(dy), SimdDevice.Pointer(dWeight), dBias is null ? null : SimdDevice.Pointer(dBias), count);

    protected override void Dispose(bool disposing)
    {
        _forward.Dispose();
        Array.ForEach(_backward, static pass => pass.Dispose());
        _gradient.Dispose();
        _zeros.Dispose();
        base.Dispose(disposing);
    }
}
