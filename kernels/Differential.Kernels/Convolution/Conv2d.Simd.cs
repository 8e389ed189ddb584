using Differential.Kernels.Devices;

namespace Differential.Kernels.Convolution;

/// <summary>
/// Convolution on the SIMD device: direct, or by Winograd's tiles where asked for and open to the geometry. Direct weights are packed once per call;
/// images, and strips of rows where there are few images, are split over the threads.
/// </summary>
internal sealed unsafe class Conv2dSimd : Conv2d
{
    private readonly SimdDevice _device;
    private readonly WindowPlan _forward;
    private readonly WindowPlan _backward;
    private readonly ThinInputGradient? _thin;
    private readonly WeightGradient _gradient;
    private readonly WinogradPass? _fastForward;
    private readonly WinogradPass? _fastBackward;
    private readonly WinogradGradient? _fastGradient;
    private readonly Tensor<float> _bias;
    private readonly Tensor<float> _zeros;
    private Tensor<float>? _partial;

    public Conv2dSimd(SimdDevice device, Conv2dGeometry geometry, int maxBatch, ConvolutionMethod method)
        : base(device, geometry, maxBatch)
    {
        _device = device;
        _forward = WindowPlan.Forward(device, geometry);
        _backward = WindowPlan.BackwardInput(device, geometry);
        _thin = ThinInputGradient.Suits(device.Tiles, geometry) ? new ThinInputGradient(device, geometry) : null;
        _gradient = new WeightGradient(device.Tiles, geometry);
        if (method == ConvolutionMethod.Fast && WinogradPass.Suits(device.Tiles, geometry))
        {
            _fastForward = WinogradPass.Forward(device, geometry);
            _fastBackward = WinogradPass.BackwardInput(device, geometry);
            _fastGradient = WinogradGradient.Suits(device.Tiles, geometry) ? new WinogradGradient(device, geometry, maxBatch) : null;
        }

        _bias = device.Allocate(new Shape(geometry.Filters + device.Tiles.Columns));
        _zeros = device.Allocate(new Shape(Math.Max(geometry.Filters, geometry.Channels) + device.Tiles.Columns));
    }

    public override void Reserve(bool backwardInput, bool backwardWeight)
    {
        if (_fastForward is not null)
        {
            _fastForward.Reserve();
        }
        else
        {
            _forward.Reserve();
        }

        if (backwardInput)
        {
            if (_fastBackward is not null)
            {
                _fastBackward.Reserve();
            }
            else if (_thin is null)
            {
                _backward.Reserve();
            }
        }

        if (backwardWeight)
        {
            if (_fastGradient is not null)
            {
                _fastGradient.Reserve();
            }
            else
            {
                Partial();
            }
        }
    }

    protected override void ForwardCore(Tensor<float> x, Tensor<float> weight, Tensor<float>? bias, bool relu, Tensor<float> y, int count)
    {
        if (bias is not null)
        {
            _bias.CopyFrom(bias, Geometry.Filters);
        }

        float* start = SimdDevice.Pointer(bias is null ? _zeros : _bias);
        float floor = relu ? 0 : float.NegativeInfinity;
        if (_fastForward is not null)
        {
            _fastForward.Run(SimdDevice.Pointer(x), SimdDevice.Pointer(weight), start, floor, SimdDevice.Pointer(y), count);
        }
        else
        {
            _forward.Run(SimdDevice.Pointer(x), SimdDevice.Pointer(weight), start, floor, SimdDevice.Pointer(y), count);
        }
    }

    protected override void BackwardInputCore(Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int count)
    {
        if (_fastBackward is not null)
        {
            _fastBackward.Run(SimdDevice.Pointer(dy), SimdDevice.Pointer(weight), SimdDevice.Pointer(_zeros), float.NegativeInfinity, SimdDevice.Pointer(dx), count);
        }
        else if (_thin is not null)
        {
            _thin.Run(SimdDevice.Pointer(dy), SimdDevice.Pointer(weight), SimdDevice.Pointer(dx), count);
        }
        else
        {
            _backward.Run(SimdDevice.Pointer(dy), SimdDevice.Pointer(weight), SimdDevice.Pointer(_zeros), float.NegativeInfinity, SimdDevice.Pointer(dx), count);
        }
    }

    protected override void BackwardWeightCore(Tensor<float> x, Tensor<float> dy, Tensor<float> dWeight, Tensor<float>? dBias, int count)
    {
        if (_fastGradient is not null)
        {
            _fastGradient.Run(SimdDevice.Pointer(x), SimdDevice.Pointer(dy), SimdDevice.Pointer(dWeight), dBias is null ? null : SimdDevice.Pointer(dBias), count);
            return;
        }

        int groups = _gradient.Groups(count);
        float* partial = SimdDevice.Pointer(Partial());
        _device.For(
            groups * Geometry.Size * _gradient.Panels,
            new AccumulateBody(_gradient, Geometry.Size, SimdDevice.Pointer(x), SimdDevice.Pointer(dy), partial, groups, count, dBias is not null));
        _device.For(Geometry.Size * Geometry.Size, new ReduceBody(_gradient, partial, groups, SimdDevice.Pointer(dWeight)));
        if (dBias is not null)
        {
            _gradient.ReduceBias(partial, groups, SimdDevice.Pointer(dBias));
        }
    }

    protected override void Dispose(bool disposing)
    {
        _forward.Dispose();
        _backward.Dispose();
        _thin?.Dispose();
        _fastForward?.Dispose();
        _fastBackward?.Dispose();
        _fastGradient?.Dispose();
        _bias.Dispose();
        _zeros.Dispose();
        _partial?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor<float> Partial() => _partial ??= _device.Allocate(new Shape(_gradient.Groups(MaxBatch) * _gradient.PartialLength));

    private readonly struct AccumulateBody(
        WeightGradient gradient, int kernelRows, float* x, float* dy, float* partial, int groups, int count, bool bias) : IChunkBody
    {
        public void Run(int chunk)
        {
            int panel = chunk % gradient.Panels;
            int kernelRow = chunk / gradient.Panels % kernelRows;
            int group = chunk / gradient.Panels / kernelRows;
            int from = (int)((long)count * group / groups);
            int to = (int)((long)count * (group + 1) / groups);
            float* sums = partial + ((nint)group * gradient.PartialLength);
            gradient.Accumulate(x, dy, sums, from, to, kernelRow, panel);
            if (bias && kernelRow == 0)
            {
                gradient.AccumulateBias(dy, sums, from, to, panel);
            }
        }
    }

    private readonly struct ReduceBody(WeightGradient gradient, float* partial, int groups, float* dWeight) : IChunkBody
    {
        public void Run(int chunk) => gradient.Reduce(partial, groups, chunk, dWeight);
    }
}
