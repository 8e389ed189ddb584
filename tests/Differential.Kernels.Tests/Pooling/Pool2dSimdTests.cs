using Differential.Kernels.Devices;
using Differential.Kernels.Pooling;
using Differential.Kernels.Tests.Reference;

namespace Differential.Kernels.Tests.Pooling;

public sealed class Pool2dSimdTests
{
    private const double Tolerance = 1e-6;

    // Height, width, channels, size, stride; images.
    private static readonly (Pool2dGeometry Geometry, int Count)[] Shapes =
    [
        (new(1, 1, 1, 1, 1), 1),
        (new(4, 6, 32, 2, 2), 3),
        (new(5, 7, 33, 2, 2), 2),
        (new(7, 5, 3, 3, 1), 2),
        (new(9, 8, 17, 3, 2), 3),
        (new(10, 11, 5, 2, 3), 1),
        (new(6, 9, 16, 3, 3), 2),
        (new(6, 6, 1, 6, 1), 5),
    ];

    public static TheoryData<PoolKind, Pool2dGeometry, int, int> Cases
    {
        get
        {
            TheoryData<PoolKind, Pool2dGeometry, int, int> cases = [];
            foreach ((Pool2dGeometry geometry, int count) in Shapes)
            {
                foreach (int bits in (int[])[512, 256, 128, 32])
                {
                    cases.Add(PoolKind.Max, geometry, count, bits);
                    cases.Add(PoolKind.Average, geometry, count, bits);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ForwardAndBackward_EveryGeometryAndWidth_MatchReference(PoolKind kind, Pool2dGeometry geometry, int count, int bits)
    {
        using SimdDevice device = new(threads: 2, bits);
        using var pool = Pool2d.Create(device, kind, geometry);

        // Few different values, so that windows have several largest.
        float[] x = [.. Values.Random(1, count * geometry.InputLength).Select(v => MathF.Round(v * 3))];
        float[] dy = Values.Random(2, count * geometry.OutputLength);
        Tensor<float> input = Values.Unaligned(device, x);
        Tensor<float> y = Values.Output(device, dy.Length);
        Tensor<float> dx = Values.Output(device, x.Length);
        pool.Forward(input, y, count);
        pool.Backward(input, y, Values.Unaligned(device, dy), dx, count);
        Values.AssertClose(ReferencePool2d.Forward(kind, geometry, x, count), y, Tolerance, "y");
        Values.AssertClose(ReferencePool2d.Backward(kind, geometry, x, dy, count), dx, Tolerance, "dx");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Backward_OverTheInput_GivesTheSameBitsWhereItMay(PoolKind kind, Pool2dGeometry geometry, int count, int bits)
    {
        using SimdDevice device = new(threads: 2, bits);
        using var pool = Pool2d.Create(device, kind, geometry);
        Assert.Equal(geometry.Size == geometry.Stride && geometry.Height % geometry.Size == 0 && geometry.Width % geometry.Size == 0, pool.IsInPlace);
        if (!pool.IsInPlace)
        {
            return;
        }

        Tensor<float> x = Values.Unaligned(device, [.. Values.Random(1, count * geometry.InputLength).Select(v => MathF.Round(v * 3))]);
        Tensor<float> dy = Values.Unaligned(device, Values.Random(2, count * geometry.OutputLength));
        Tensor<float> y = Values.Output(device, dy.Length), dx = Values.Output(device, x.Length);
        pool.Forward(x, y, count);
        pool.Backward(x, y, dy, dx, count);
        pool.Backward(x, y, dy, x, count);
        Assert.Equal(dx.ToArray(), x.ToArray());
    }

    [Theory]
    [InlineData(512)]
    [InlineData(256)]
    [InlineData(128)]
    [InlineData(32)]
    public void Max_NaNInWindow_IsTheResultAndTakesTheGradient(int bits)
    {
        using SimdDevice device = new(threads: 1, bits);
        Pool2dGeometry geometry = new(2, 2, 18, 2, 2);
        using var pool = Pool2d.Create(device, PoolKind.Max, geometry);
        float[] x = Values.Random(1, geometry.InputLength);
        x[18 + 4] = float.NaN;
        x[(2 * 18) + 17] = float.NaN;
        Tensor<float> input = Values.Unaligned(device, x);
        Tensor<float> y = Values.Output(device, 18);
        Tensor<float> dx = Values.Output(device, x.Length);
        pool.Forward(input, y, 1);
        pool.Backward(input, y, Values.Unaligned(device, [.. Enumerable.Repeat(1f, 18)]), dx, 1);
        Assert.All(y.ToArray().Select((value, index) => (value, index)), e => Assert.Equal(e.index is 4 or 17, float.IsNaN(e.value)));
        float[] gradient = dx.ToArray();
        Assert.Equal(1, gradient[18 + 4]);
        Assert.Equal(1, gradient[(2 * 18) + 17]);
        Assert.Equal(18, gradient.Sum());
    }
}
