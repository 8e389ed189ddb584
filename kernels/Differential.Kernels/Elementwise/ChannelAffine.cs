using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>y = (x − mean[c]) · scale with the channel c innermost: the input normalisation of a network. y may be x.</summary>
public abstract class ChannelAffine(ComputeDevice device) : Operation(device)
{
    public static ChannelAffine Create(ComputeDevice device) => device switch
    {
        SimdDevice simd => new ChannelAffineSimd(simd),
        IlgpuDevice ilgpu => new ChannelAffineIlgpu(ilgpu),
        _ => throw NoKernel(device, nameof(ChannelAffine)),
    };

    /// <summary>The number of channels is the length of <paramref name="mean"/>; <paramref name="length"/> is a multiple of it.</summary>
    public void Forward(Tensor<float> x, Tensor<float> mean, float scale, Tensor<float> y, int length)
    {
        Check(x, length, nameof(x));
        Check(mean, 1, nameof(mean));
        Check(y, length, nameof(y));
        ArgumentOutOfRangeException.ThrowIfNotEqual(length % mean.Length, 0, nameof(length));
        ForwardCore(x, mean, scale, y, length);
    }

    /// <summary>dx = dy · scale. dx may be dy.</summary>
    public void Backward(Tensor<float> dy, float scale, Tensor<float> dx, int length)
    {
        Check(dy, length, nameof(dy));
        Check(dx, length, nameof(dx));
        BackwardCore(dy, scale, dx, length);
    }

    protected abstract void ForwardCore(Tensor<float> x, Tensor<float> mean, float scale, Tensor<float> y, int length);

    protected abstract void BackwardCore(Tensor<float> dy, float scale, Tensor<float> dx, int length);
}

/// <summary>(x − mean) · scale for every device.</summary>
internal static class ChannelAffineOperator
{
    public static TVector Forward<TVector, TSimd>(TVector x, TVector mean, TVector scale)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Multiply(TSimd.Subtract(x, mean), scale);

    public static TVector Backward<TVector, TSimd>(TVector dy, TVector scale)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Multiply(dy, scale);
}

internal sealed unsafe class ChannelAffineSimd(SimdDevice device) : ChannelAffine(device)
{
    /// <summary>Up to this many channels the means are repeated so that whole vectors fit them.</summary>
    private const int RepeatedChannels = 64;

    /// <summary>Times that they are repeated: the widest vector's lanes.</summary>
    private const int Repetitions = 16;

    protected override void ForwardCore(Tensor<float> x, Tensor<float> mean, float scale, Tensor<float> y, int length)
    {
        int channels = mean.Length;
        int period = channels <= RepeatedChannels ? channels * Repetitions : channels;
        int chunkLength = Math.Max(1, ElementwiseLoop.ChunkLength / period) * period;
        int chunks = (int)(((long)length + chunkLength - 1) / chunkLength);
        device.For(chunks, new ForwardChunks(device.VectorBits, SimdDevice.Pointer(x), SimdDevice.Pointer(mean), scale, SimdDevice.Pointer(y), length, channels, period, chunkLength));
    }

    protected override void BackwardCore(Tensor<float> dy, float scale, Tensor<float> dx, int length) =>
        ElementwiseLoop.Run(device, length, new BackwardBody(SimdDevice.Pointer(dy), scale, SimdDevice.Pointer(dx)));

    private readonly struct ForwardChunks(int vectorBits, float* x, float* mean, float scale, float* y, int length, int channels, int period, int chunkLength) : IChunkBody
    {
        public void Run(int chunk)
        {
            float* means = mean;
            if (period != channels)
            {
                float* repeated = stackalloc float[RepeatedChannels * Repetitions];
                for (int i = 0; i < period; i++)
                {
                    repeated[i] = mean[i % channels];
                }

                means = repeated;
            }

            nint start = (nint)chunk * chunkLength;
            nint end = Math.Min(start + chunkLength, length);
            for (; start < end; start += period)
            {
                ElementwiseLoop.Range(vectorBits, new ForwardBody(x + start, means, scale, y + start), 0, Math.Min(period, end - start));
            }
        }
    }

    private readonly struct ForwardBody(float* x, float* mean, float scale, float* y) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                ChannelAffineOperator.Forward<TVector, TSimd>(TSimd.Load(x + index), TSimd.Load(mean + index), TSimd.Broadcast(scale)),
                y + index);
    }

    private readonly struct BackwardBody(float* dy, float scale, float* dx) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(ChannelAffineOperator.Backward<TVector, TSimd>(TSimd.Load(dy + index), TSimd.Broadcast(scale)), dx + index);
    }
}

internal sealed class ChannelAffineIlgpu(IlgpuDevice device) : ChannelAffine(device)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> mean, float scale, Tensor<float> y, int length) =>
        device.Load<Arguments>(Forward).LaunchElements(length, new(IlgpuDevice.View(x), IlgpuDevice.View(mean), IlgpuDevice.View(y), mean.Length, scale, length));

    protected override void BackwardCore(Tensor<float> dy, float scale, Tensor<float> dx, int length) =>
        device.Load<Arguments>(Backward).LaunchElements(length, new(IlgpuDevice.View(dy), IlgpuDevice.View(dy), IlgpuDevice.View(dx), 1, scale, length));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            int channel = i - (arguments.Channels.Divide(i) * arguments.Channels.Value);
            arguments.Target[i] = ChannelAffineOperator.Forward<float, SimdScalar>(arguments.Source[i], arguments.Mean[channel], arguments.Scale);
        }
    }

    internal static void Backward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = ChannelAffineOperator.Backward<float, SimdScalar>(arguments.Source[i], arguments.Scale);
        }
    }

    internal readonly struct Arguments(ArrayView<float> source, ArrayView<float> mean, ArrayView<float> target, int channels, float scale, int length)
    {
        public readonly ArrayView<float> Source = source;
        public readonly ArrayView<float> Mean = mean;
        public readonly ArrayView<float> Target = target;
        public readonly Divisor Channels = new(channels);
        public readonly float Scale = scale;
        public readonly int Length = length;
    }
}
