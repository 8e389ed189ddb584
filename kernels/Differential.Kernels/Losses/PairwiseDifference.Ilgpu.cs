using Differential.Kernels.Devices;
using ILGPU;

namespace Differential.Kernels.Losses;

/// <summary>
/// Sums are float32. As on the SIMD device, the exponential surrogate's mean over all pairs saturates where the mean
/// itself passes the largest float, and a matched pair's exponential by itself.
/// </summary>
internal sealed class PairwiseDifferenceIlgpu : PairwiseDifference
{
    private readonly IlgpuDevice _device;
    private readonly Tensor<float> _sorted;
    private readonly Tensor<int> _places;
    private readonly Tensor<int> _counts;
    private readonly Tensor<float> _partials;

    public PairwiseDifferenceIlgpu(IlgpuDevice device, PairwiseForm form, int maxCount)
        : base(device, form, maxCount)
    {
        _device = device;
        List<IDisposable> owned = [];
        try
        {
            owned.Add(_sorted = device.Allocate(new Shape(2, maxCount)));
            owned.Add(_places = device.Allocate<int>(new Shape(2, maxCount)));
            owned.Add(_counts = device.Allocate<int>(new Shape(3)));
            owned.Add(_partials = device.Allocate(new Shape(Groups(maxCount))));
        }
        catch
        {
            owned.ForEach(o => o.Dispose());
            throw;
        }
    }

    protected override void ComputeCore(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count)
    {
        int groups = Groups(count);
        PairwiseWorkspace workspace = new(
            IlgpuDevice.View(_sorted), IlgpuDevice.View(_places), IlgpuDevice.View(_counts), IlgpuDevice.View(_partials).SubView(0, groups), MaxCount);
        PairwiseArguments arguments = new(
            Form, IlgpuDevice.View(scores), IlgpuDevice.View(labels), IlgpuDevice.View(dScores), IlgpuDevice.View(loss), workspace, count);
        bool all = Form.Pairs == PairSelection.All;
        if (all && Form.Surrogate == Surrogate.Exponential)
        {
            _device.Load<PairwiseArguments>(ExponentialPairs.Run).LaunchRows(1, arguments);
            return;
        }

        if (all && count <= _device.GroupSize)
        {
            _device.Load<PairwiseArguments>(PairwiseKernels.Single).LaunchRows(1, arguments);
            return;
        }

        _device.Load<PairwiseArguments>(PairwiseKernels.Partition).LaunchRows(1, arguments);
        if (all)
        {
            _device.Load<PairwiseArguments>(PairwiseKernels.Rows).Launch(new Index3D(groups, 2, 1), _device.GroupSize, arguments);
        }
        else
        {
            _device.Load<PairwiseArguments>(PairwiseKernels.Matched).LaunchRows(groups, arguments);
        }

        _device.Load<PairwiseArguments>(PairwiseKernels.Finish).LaunchRows(1, arguments);
    }

    protected override void Dispose(bool disposing)
    {
        _sorted.Dispose();
        _places.Dispose();
        _counts.Dispose();
        _partials.Dispose();
        base.Dispose(disposing);
    }

    private int Groups(int count) => (count + _device.GroupSize - 1) / _device.GroupSize;
}
