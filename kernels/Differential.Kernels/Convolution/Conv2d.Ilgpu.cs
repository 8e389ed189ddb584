using Differential.Kernels.Devices;
using Differential.Kernels.Gemm;
using ILGPU;

namespace Differential.Kernels.Convolution;

/// <summary>A convolution and its gradients as implicit matrix products (<see cref="GemmKernel"/>): patches are computed, not stored.</summary>
internal sealed class Conv2dIlgpu : Conv2d
{
    private readonly IlgpuDevice _device;
    private readonly GemmPlan _plan;
    private readonly GradientPlan _gradients;
    private readonly Tensor<float> _packed;

    public Conv2dIlgpu(IlgpuDevice device, Conv2dGeometry geometry, int maxBatch)
        : base(device, geometry, maxBatch)
    {
        _device = device;
        List<IDisposable> owned = [];
        try
        {
            owned.Add(_plan = new GemmPlan(device));
            owned.Add(_gradients = new GradientPlan(device, _plan));
            _packed = device.Allocate(new Shape(geometry.WeightLength));
        }
        catch
        {
            owned.ForEach(o => o.Dispose());
            throw;
        }
    }

    private int Taps => Geometry.Size * Geometry.Size * Geometry.Channels;

    private int OutputArea => Geometry.OutputHeight * Geometry.OutputWidth;

    protected override void ForwardCore(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, bool relu, Tensor<float> y, int count) =>
        _plan.Multiply(
            new PatchOperand(new Patches(IlgpuDevice.View(x), Geometry, count, IlgpuDevice.IsAligned(x))),
            new ColumnsOperand(Pack(WeightPacking.FiltersLast, weight), Geometry.Filters, ones: false, aligned: true),
            new RowsSink(IlgpuDevice.View(y), IlgpuDevice.View(bias ?? y), Geometry.Filters, bias is not null, relu, IlgpuDevice.IsAligned(y)),
            count * OutputArea,
            Geometry.Filters,
            Taps);

    protected override void BackwardInputCore(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count) =>
        _gradients.MultiplyLeft(
            dy,
            count * Geometry.OutputLength,
            new GradientPatchOperand(IlgpuDevice.View(dy), Geometry, count, IlgpuDevice.IsAligned(dy)),
            new ColumnsOperand(Pack(WeightPacking.ChannelsLast, weight), Geometry.Channels, ones: false, aligned: true),
            new RowsSink(IlgpuDevice.View(dx), IlgpuDevice.View(dx), Geometry.Channels, hasBias: false, relu: false, IlgpuDevice.IsAligned(dx)),
            count * Geometry.Height * Geometry.Width,
            Geometry.Channels,
            Geometry.Size * Geometry.Size * Geometry.Filters);

    protected override void BackwardWeightCore(Tensor<float> x, Tensor<float> dy, Tensor<float> dWeight, Tensor<float>? dBias, int count) =>
        _gradients.MultiplyRight(
            dy,
            count * Geometry.OutputLength,
            new PatchColumnsOperand(new Patches(IlgpuDevice.View(x), Geometry, count, IlgpuDevice.IsAligned(x)), ones: dBias is not null),
            new ColumnsOperand(IlgpuDevice.View(dy), Geometry.Filters, ones: false, IlgpuDevice.IsAligned(dy)),
            new WeightSink(IlgpuDevice.View(dWeight), IlgpuDevice.View(dBias ?? dWeight), Geometry.Filters, Geometry.Channels, Geometry.Size * Geometry.Size),
            dBias is null ? Taps : Taps + 1,
            Geometry.Filters,
            count * OutputArea);

    protected override void Dispose(bool disposing)
    {
        _packed.Dispose();
        _gradients.Dispose();
        _plan.Dispose();
        base.Dispose(disposing);
    }

    private ArrayView<float> Pack(Action<WeightPackingArguments> order, Tensor<float> weight)
    {
        ArrayView<float> packed = IlgpuDevice.View(_packed);
        _device.Load(order).LaunchElements(_packed.Length, new WeightPackingArguments(IlgpuDevice.View(weight), packed, Geometry));
        return packed;
    }
}
