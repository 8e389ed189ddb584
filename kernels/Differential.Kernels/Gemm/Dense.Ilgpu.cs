using Differential.Kernels.Devices;

namespace Differential.Kernels.Gemm;

/// <summary>A dense layer as three matrix products.</summary>
internal sealed class DenseIlgpu : Dense
{
    private readonly GemmPlan _plan;
    private readonly GradientPlan _gradients;

    public DenseIlgpu(IlgpuDevice device, int inputs, int outputs, int maxBatch)
        : base(device, inputs, outputs, maxBatch)
    {
        _plan = new GemmPlan(device);
        try
        {
            _gradients = new GradientPlan(device, _plan);
        }
        catch
        {
            _plan.Dispose();
            throw;
        }
    }

    protected override void ForwardCore(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, bool relu, Tensor<float> y, int count) =>
        _plan.Multiply(
            new RowsOperand(IlgpuDevice.View(x), count, Inputs, IlgpuDevice.IsAligned(x)),
            new RowsOperand(IlgpuDevice.View(weight), Outputs, Inputs, IlgpuDevice.IsAligned(weight)),
            new RowsSink(IlgpuDevice.View(y), IlgpuDevice.View(bias ?? y), Outputs, bias is not null, relu, IlgpuDevice.IsAligned(y)),
            count,
            Outputs,
            Inputs);

    protected override void BackwardInputCore(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count) =>
        _gradients.MultiplyLeft(
            dy,
            count * Outputs,
            new RowsOperand(IlgpuDevice.View(dy), count, Outputs, IlgpuDevice.IsAligned(dy)),
            new ColumnsOperand(IlgpuDevice.View(weight), Inputs, ones: false, IlgpuDevice.IsAligned(weight)),
            new RowsSink(IlgpuDevice.View(dx), IlgpuDevice.View(dx), Inputs, hasBias: false, relu: false, IlgpuDevice.IsAligned(dx)),
            count,
            Inputs,
            Outputs);

    protected override void BackwardWeightCore(Tensor<float> x, Tensor<float> dy, Tensor<float> dWeight, Tensor<float>? dBias, int count) =>
        _gradients.MultiplyRight(
            dy,
            count * Outputs,
            new ColumnsOperand(IlgpuDevice.View(x), Inputs, ones: dBias is not null, IlgpuDevice.IsAligned(x)),
            new ColumnsOperand(IlgpuDevice.View(dy), Outputs, ones: false, IlgpuDevice.IsAligned(dy)),
            new WeightSink(IlgpuDevice.View(dWeight), IlgpuDevice.View(dBias ?? dWeight), Outputs, Inputs, area: 1),
            dBias is null ? Inputs : Inputs + 1,
            Outputs,
            count);

    protected override void Dispose(bool disposing)
    {
        _gradients.Dispose();
        _plan.Dispose();
        base.Dispose(disposing);
    }
}
