using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>y = x where x > 0, else slope · x, and its gradient, element by element. NaN stays NaN. y may be x, dx may be dy.</summary>
public abstract class LeakyRelu(ComputeDevice device) : Operation(device)
{
    public static LeakyRelu Create(ComputeDevice device)
    {
        return device switch
        {
            SimdDevice simd => new LeakyReluSimd(simd),
            IlgpuDevice ilgpu => new LeakyReluIlgpu(ilgpu),
            _ => throw NoKernel(device, nameof(LeakyRelu)),
        };
    }

    public void Forward(Tensor<float> x, float slope, Tensor<float> y, int length)
    {
        Check(x, length, nameof(x));
        Check(y, length, nameof(y));
        SelectCore(x, x, slope, y, length);
    }

    /// <summary>dx = dy where x > 0, else slope · dy.</summary>
    public void Backward(Tensor<float> x, float slope, Tensor<float> dy, Tensor<float> dx, int length)
    {
        Check(x, length, nameof(x));
        Check(dy, length, nameof(dy));
        Check(dx, length, nameof(dx));
        SelectCore(x, dy, slope, dx, length);
    }

    /// <summary>target = source where key > 0, else slope · source.</summary>
    protected abstract void SelectCore(Tensor<float> key, Tensor<float> source, float slope, Tensor<float> target, int length);
}

/// <summary>The value, or the slope's share of it, for every device.</summary>
internal static class LeakyReluOperator
{
    /// <summary>The source times 1 where the key is above 0 or NaN, else times the slope.</summary>
    public static TVector Select<TVector, TSimd>(TVector key, TVector source, TVector slope)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> =>
        TSimd.Multiply(source, TSimd.Select(TSimd.GreaterOrNaN(key, TSimd.Broadcast(0)), TSimd.Broadcast(1), slope));
}

internal sealed unsafe class LeakyReluSimd(SimdDevice device) : LeakyRelu(device)
{
    protected override void SelectCore(Tensor<float> key, Tensor<float> source, float slope, Tensor<float> target, int length) =>
        ElementwiseLoop.Run(device, length, new Body(SimdDevice.Pointer(key), SimdDevice.Pointer(source), slope, SimdDevice.Pointer(target)));

    private readonly struct Body(float* key, float* source, float slope, float* target) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(LeakyReluOperator.Select<TVector, TSimd>(TSimd.Load(key + index), TSimd.Load(source + index), TSimd.Broadcast(slope)), target + index);
    }
}

internal sealed class LeakyReluIlgpu(IlgpuDevice device) : LeakyRelu(device)
{
    protected override void SelectCore(Tensor<float> key, Tensor<float> source, float slope, Tensor<float> target, int length) =>
        device.Load<Arguments>(Select).LaunchElements(length, new(IlgpuDevice.View(key), IlgpuDevice.View(source), IlgpuDevice.View(target), slope, length));

    internal static void Select(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = arguments.Source[i] * (arguments.Key[i] <= 0 ? arguments.Slope : 1);
        }
    }

    internal readonly struct Arguments(ArrayView<float> key, ArrayView<float> source, ArrayView<float> target, float slope, int length)
    {
        public readonly ArrayView<float> Key = key;
        public readonly ArrayView<float> Source = source;
        public readonly ArrayView<float> Target = target;
        public readonly float Slope = slope;
        public readonly int Length = length;
    }
}
