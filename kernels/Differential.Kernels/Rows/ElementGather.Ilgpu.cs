using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Rows;

/// <summary>One thread per element that is written, or of a scatter per element that is read.</summary>
internal sealed class ElementGatherIlgpu(IlgpuDevice device) : ElementGather(device)
{
    protected override void GatherCore(Tensor<float> x, int sourceLength, Tensor<int> index, float fill, Tensor<float> y, int targetLength, int count) =>
        device.Load<Arguments>(Gather).LaunchElements((long)count * targetLength, new(IlgpuDevice.View(x), IlgpuDevice.View(index), IlgpuDevice.View(index), IlgpuDevice.View(y), targetLength, sourceLength, fill, count));

    protected override void ScatterCore(Tensor<float> x, int sourceLength, Tensor<int> index, Tensor<float> y, int targetLength, int count) =>
        device.Load<Arguments>(Scatter).LaunchElements((long)count * sourceLength, new(IlgpuDevice.View(x), IlgpuDevice.View(index), IlgpuDevice.View(index), IlgpuDevice.View(y), sourceLength, targetLength, 0, count));

    protected override void SumCore(Tensor<float> x, int sourceLength, Tensor<int> starts, Tensor<int> members, Tensor<float> y, int targetLength, int count) =>
        device.Load<Arguments>(Sum).LaunchElements((long)count * targetLength, new(IlgpuDevice.View(x), IlgpuDevice.View(starts), IlgpuDevice.View(members), IlgpuDevice.View(y), targetLength, sourceLength, 0, count));

    internal static void Gather(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Own.Value)
        {
            int sample = arguments.Own.Divide(i);
            int source = arguments.Index[i - (sample * arguments.Own.Value)];
            arguments.Y[i] = source < 0 ? arguments.Fill : arguments.X[(sample * arguments.Other) + source];
        }
    }

    internal static void Scatter(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Own.Value)
        {
            int sample = arguments.Own.Divide(i);
            arguments.Y[(sample * arguments.Other) + arguments.Index[i - (sample * arguments.Own.Value)]] = arguments.X[i];
        }
    }

    internal static void Sum(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= arguments.Count * arguments.Own.Value)
        {
            return;
        }

        int sample = arguments.Own.Divide(i);
        int element = i - (sample * arguments.Own.Value);
        float sum = 0;
        for (int k = arguments.Index[element]; k < arguments.Index[element + 1]; k++)
        {
            sum += arguments.X[(sample * arguments.Other) + arguments.Members[k]];
        }

        arguments.Y[i] = sum;
    }

    /// <summary>Own counts the elements of a sample on the threads' side, Other those of a sample on the other side.</summary>
    internal readonly struct Arguments(ArrayView<float> x, ArrayView<int> index, ArrayView<int> members, ArrayView<float> y, int own, int other, float fill, int count)
    {
        public readonly ArrayView<float> X = x;
        public readonly ArrayView<int> Index = index;
        public readonly ArrayView<int> Members = members;
        public readonly ArrayView<float> Y = y;
        public readonly Divisor Own = new(own);
        public readonly int Other = other;
        public readonly float Fill = fill;
        public readonly int Count = count;
    }
}
