using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Rows;

/// <summary>Arguments of <see cref="RowKernels"/> and <see cref="BallKernels"/>; a kernel takes what it needs.</summary>
internal struct RowArguments
{
    /// <summary>[count, length], changed by steps and projections.</summary>
    public ArrayView<float> X;

    /// <summary>The gradient, or the second operand.</summary>
    public ArrayView<float> Y;

    /// <summary>The origin of the ball, or where a combination goes.</summary>
    public ArrayView<float> Z;

    /// <summary>[count]: steps, or the first factors.</summary>
    public ArrayView<float> A;

    /// <summary>[count]: radii, the second factors, or where norms and dots go.</summary>
    public ArrayView<float> B;
    public float Low;
    public float High;
    public int Count;
    public int HasY;
    public Divisor Length;

    /// <summary>The arguments of a launch on <paramref name="count"/> rows.</summary>
    public static RowArguments Of(
        int length, Tensor<float> x, Tensor<float> y, Tensor<float> z, Tensor<float> a, Tensor<float> b, int count, float low = 0, float high = 0) =>
        new()
        {
            X = IlgpuDevice.View(x),
            Y = IlgpuDevice.View(y),
            Z = IlgpuDevice.View(z),
            A = IlgpuDevice.View(a),
            B = IlgpuDevice.View(b),
            Low = low,
            High = high,
            Count = count,
            Length = new Divisor(length),
        };

    /// <summary>The first element of the group's row that a thread takes.</summary>
    public readonly int Start => (Grid.IdxX * Length.Value) + Group.IdxX;

    /// <summary>The end of the group's row.</summary>
    public readonly int End => (Grid.IdxX + 1) * Length.Value;
}
