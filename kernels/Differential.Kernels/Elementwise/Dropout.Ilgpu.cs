using Differential.Kernels.Devices;
using ILGPU;

namespace Differential.Kernels.Elementwise;

internal sealed class DropoutIlgpu(IlgpuDevice device) : Dropout(device)
{
    protected override void ApplyCore(Tensor<float> x, Tensor<int> key, uint threshold, float scale, Tensor<float> y, int length) =>
        device.Load<Arguments>(Apply).LaunchElements(length, new(IlgpuDevice.View(x), IlgpuDevice.View(key), IlgpuDevice.View(y), threshold, scale, length));

    internal static void Apply(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Y[i] = DropoutOperator.Apply(
                arguments.X[i], (uint)i, (uint)arguments.Key[0], (uint)arguments.Key[1], arguments.Threshold, arguments.Scale);
        }
    }

    internal readonly struct Arguments(ArrayView<float> x, ArrayView<int> key, ArrayView<float> y, uint threshold, float scale, int length)
    {
        public readonly ArrayView<float> X = x;
        public readonly ArrayView<int> Key = key;
        public readonly ArrayView<float> Y = y;
        public readonly uint Threshold = threshold;
        public readonly float Scale = scale;
        public readonly int Length = length;
    }
}
