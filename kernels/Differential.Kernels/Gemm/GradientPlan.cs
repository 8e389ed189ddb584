using Differential.Kernels.Devices;
using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>
/// Products with a gradient as one factor. Gradients get smaller than halves can be (6·10⁻⁸), so that with fp16 each is
/// multiplied by a power of two first, by its largest magnitude, and the product divided by it: exact but for what is more
/// than 2²⁸ below the largest, which loses digits. Other precisions have float32's range and go straight through.
/// </summary>
internal sealed class GradientPlan : IDisposable
{
    private readonly IlgpuDevice _device;
    private readonly GemmPlan _plan;
    private readonly Tensor<float>? _scale;
    private readonly Tensor<float>? _partials;

    public GradientPlan(IlgpuDevice device, GemmPlan plan)
    {
        _device = device;
        _plan = plan;
        if (device.Precision == MatrixPrecision.Fp16)
        {
            _scale = device.Allocate(new Shape(2));
            try
            {
                _partials = device.Allocate(new Shape(4 * device.BusyGroups));
            }
            catch
            {
                _scale.Dispose();
                throw;
            }
        }
    }

    /// <summary>As the plan does, with <paramref name="a"/> made of the gradient <paramref name="dy"/>.</summary>
    public void MultiplyLeft<TA, TB, TSink>(Tensor<float> dy, int length, in TA a, in TB b, in TSink sink, int rows, int columns, int depth)
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TSink : struct, ISink
    {
        if (Measure(dy, length) is { } scale)
        {
            _plan.Multiply(new ScaledOperand<TA>(a, scale), b, new ScaledSink<TSink>(sink, scale), rows, columns, depth);
        }
        else
        {
            _plan.Multiply(a, b, sink, rows, columns, depth);
        }
    }

    /// <summary>As the plan does, with <paramref name="b"/> made of the gradient <paramref name="dy"/>.</summary>
    public void MultiplyRight<TA, TB, TSink>(Tensor<float> dy, int length, in TA a, in TB b, in TSink sink, int rows, int columns, int depth)
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TSink : struct, ISink
    {
        if (Measure(dy, length) is { } scale)
        {
            _plan.Multiply(a, new ScaledOperand<TB>(b, scale), new ScaledSink<TSink>(sink, scale), rows, columns, depth);
        }
        else
        {
            _plan.Multiply(a, b, sink, rows, columns, depth);
        }
    }

    public void Dispose()
    {
        _scale?.Dispose();
        _partials?.Dispose();
    }

    /// <summary>Queues the measurement of a gradient: its scale and the scale's inverse, or null where none is needed.</summary>
    private ArrayView<float>? Measure(Tensor<float> dy, int length)
    {
        if (_scale is null || _partials is null)
        {
            return null;
        }

        ArrayView<float> scale = IlgpuDevice.View(_scale);
        int groups = Math.Min(_partials.Length, (length + _device.GroupSize - 1) / _device.GroupSize);
        var arguments = new MagnitudeArguments(IlgpuDevice.View(dy).SubView(0, length), IlgpuDevice.View(_partials).SubView(0, groups), scale);
        _device.Load<MagnitudeArguments>(MagnitudeKernels.Largest).LaunchRows(groups, arguments);
        _device.Load<MagnitudeArguments>(MagnitudeKernels.Scale).LaunchRows(1, arguments);
        return scale;
    }
}
