using Differential.Kernels.Devices;

namespace Differential.Kernels.Convolution;

/// <summary>The direct weight gradient on the SIMD device: the groups' sums, and the split of their work over the threads.</summary>
internal sealed unsafe class WeightGradientPlan : IWeightGradientPlan
{
    private readonly SimdDevice _device;
    private readonly WeightGradient _gradient;
    private readonly int _kernelRows;
    private readonly WorkspaceLease _partial;

    public WeightGradientPlan(SimdDevice device, Conv2dGeometry geometry, int maxBatch)
    {
        _device = device;
        _gradient = new WeightGradient(device.Tiles, geometry);
        _kernelRows = geometry.Size;
        _partial = new WorkspaceLease(device, _gradient.Groups(maxBatch) * _gradient.PartialLength);
    }

    public void Reserve() => _partial.Reserve();

    public void Run(float* x, float* dy, float* dWeight, float* dBias, int count)
    {
        int groups = _gradient.Groups(count);
        float* partial = _partial.Pointer();
        _device.For(groups * _kernelRows * _gradient.Panels, new AccumulateBody(_gradient, _kernelRows, x, dy, partial, groups, count, dBias != null));
        _device.For(_gradient.Blocks, new ReduceBody(_gradient, partial, groups, dWeight));
        if (dBias != null)
        {
            _gradient.ReduceBias(partial, groups, dBias);
        }
    }

    public void Dispose() => _partial.Dispose();

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
