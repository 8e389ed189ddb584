using Differential.Kernels.Devices;

namespace Differential.Kernels.Gemm;

/// <summary>
/// The dense layer on the SIMD device. Forward takes dot products along the inputs, so weights are used as they lie;
/// both gradients multiply by panels of weights or inputs that are copied into the cache first. Each element's sum
/// has an order that depends on the sizes and the vector width alone.
/// </summary>
internal sealed unsafe class DenseSimd(SimdDevice device, int inputs, int outputs, int maxBatch) : Dense(device, inputs, outputs, maxBatch)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, bool relu, Tensor<float> y, int count)
    {
        RowProduct product = new(
            device.Tiles,
            SimdDevice.Pointer(x),
            SimdDevice.Pointer(weight),
            bias is null ? null : SimdDevice.Pointer(bias),
            relu,
            SimdDevice.Pointer(y),
            count,
            Inputs,
            Outputs);
        device.For(product.Chunks, product);
    }

    protected override void BackwardInputCore(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count) =>
        Multiply(new PanelOperands
        {
            Left = SimdDevice.Pointer(dy),
            RowStride = Outputs,
            StepStride = 1,
            Right = SimdDevice.Pointer(weight),
            Output = SimdDevice.Pointer(dx),
            Rows = count,
            Steps = Outputs,
            Columns = Inputs,
        });

    protected override void BackwardWeightCore(Tensor<float> x, Tensor<float> dy, Tensor<float> dWeight, Tensor<float>? dBias, int count)
    {
        Multiply(new PanelOperands
        {
            Left = SimdDevice.Pointer(dy),
            RowStride = 1,
            StepStride = Outputs,
            Right = SimdDevice.Pointer(x),
            Output = SimdDevice.Pointer(dWeight),
            Rows = Outputs,
            Steps = count,
            Columns = Inputs,
        });
        if (dBias is not null)
        {
            device.Tiles.SumRows(SimdDevice.Pointer(dy), Outputs, count, SimdDevice.Pointer(dBias), Outputs);
        }
    }

    private void Multiply(in PanelOperands operands)
    {
        PanelProduct product = new(device, operands);
        device.For(product.Chunks, product);
    }
}
