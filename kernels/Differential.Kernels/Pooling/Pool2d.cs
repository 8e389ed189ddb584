using Differential.Kernels.Devices;

namespace Differential.Kernels.Pooling;

/// <summary>What a pooling window yields.</summary>
public enum PoolKind
{
    /// <summary>The largest value; its gradient goes to the first largest in row order, as in PyTorch.</summary>
    Max,

    /// <summary>The mean of the window.</summary>
    Average,
}

/// <summary>Sizes of a pooling without padding: windows that lie wholly inside.</summary>
public readonly record struct Pool2dGeometry(int Height, int Width, int Channels, int Size, int Stride)
{
    public int OutputHeight => ((Height - Size) / Stride) + 1;

    public int OutputWidth => ((Width - Size) / Stride) + 1;

    public int InputLength => Height * Width * Channels;

    public int OutputLength => OutputHeight * OutputWidth * Channels;

    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range or the window is larger than the input.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Stride, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Size, Math.Min(Height, Width));
    }
}

/// <summary>Max- and average-pooling of [count, height, width, channels], and the gradient by the input.</summary>
public abstract class Pool2d : Operation
{
    protected Pool2d(ComputeDevice device, PoolKind kind, Pool2dGeometry geometry)
        : base(device)
    {
        Kind = kind;
        Geometry = geometry;
    }

    public PoolKind Kind { get; }

    public Pool2dGeometry Geometry { get; }

    /// <summary>Whether <see cref="Backward"/> may overwrite x with dx.</summary>
    public virtual bool IsInPlace => false;

    public static Pool2d Create(ComputeDevice device, PoolKind kind, Pool2dGeometry geometry)
    {
        geometry.Validate();
        return device switch
        {
            SimdDevice simd => new Pool2dSimd(simd, kind, geometry),
            IlgpuDevice ilgpu => new Pool2dIlgpu(ilgpu, kind, geometry),
            _ => throw NoKernel(device, nameof(Pool2d)),
        };
    }

    public void Forward(Tensor<float> x, Tensor<float> y, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Check(x, (long)count * Geometry.InputLength, nameof(x));
        Check(y, (long)count * Geometry.OutputLength, nameof(y));
        ForwardCore(x, y, count);
    }

    /// <summary>dx from dy; x and y are those of the forward call. <paramref name="dx"/> is overwritten; it may be x where <see cref="IsInPlace"/>.</summary>
    public void Backward(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Check(x, (long)count * Geometry.InputLength, nameof(x));
        Check(y, (long)count * Geometry.OutputLength, nameof(y));
        Check(dy, (long)count * Geometry.OutputLength, nameof(dy));
        Check(dx, (long)count * Geometry.InputLength, nameof(dx));
        BackwardCore(x, y, dy, dx, count);
    }

    protected abstract void ForwardCore(Tensor<float> x, Tensor<float> y, int count);

    protected abstract void BackwardCore(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count);
}
