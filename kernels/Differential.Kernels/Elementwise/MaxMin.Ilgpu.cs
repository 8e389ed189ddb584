using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>A thread for each pair.</summary>
internal sealed class MaxMinIlgpu(IlgpuDevice device) : MaxMin(device)
{
    protected override void ExchangeCore(Tensor<float> key, Tensor<float> source, Tensor<float> target, int length)
    {
        if (length > 0)
        {
            device.Load<Arguments>(Exchange).LaunchElements(length / 2, new(IlgpuDevice.View(key), IlgpuDevice.View(source), IlgpuDevice.View(target), length / 2));
        }
    }

    internal static void Exchange(Arguments arguments)
    {
        int pair = Grid.GlobalIndex.X;
        if (pair < arguments.Pairs)
        {
            int first = 2 * pair;
            bool exchanged = MaxMinOperator.Exchanged(arguments.Key[first], arguments.Key[first + 1]);
            float a = arguments.Source[first];
            float b = arguments.Source[first + 1];
            arguments.Target[first] = exchanged ? b : a;
            arguments.Target[first + 1] = exchanged ? a : b;
        }
    }

    internal readonly struct Arguments(ArrayView<float> key, ArrayView<float> source, ArrayView<float> target, int pairs)
    {
        public readonly ArrayView<float> Key = key;
        public readonly ArrayView<float> Source = source;
        public readonly ArrayView<float> Target = target;
        public readonly int Pairs = pairs;
    }
}
