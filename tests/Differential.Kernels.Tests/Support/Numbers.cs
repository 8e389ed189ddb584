using Differential.Kernels.Devices;

namespace Differential.Kernels.Tests.Support;

/// <summary>Seeded test values, tensors of them, and comparison with an absolute and a relative tolerance.</summary>
internal static class Numbers
{
    /// <summary>Lengths around the vector widths, and odd ones.</summary>
    public static readonly int[] Lengths = [1, 3, 15, 16, 17, 443, 10_007];

    public static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static float[] Normal(int seed, int length, double spread = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(Gauss(random) * spread))];
    }

    public static Tensor<float> Tensor(this ComputeDevice device, params float[] values) => device.Allocate(new Shape(values.Length), values);

    /// <summary>A tensor whose every element is NaN: what an operation leaves out shows.</summary>
    public static Tensor<float> Unset(this ComputeDevice device, int length)
    {
        Tensor<float> tensor = device.Allocate(new Shape(length));
        tensor.Fill(float.NaN);
        return tensor;
    }

    public static void AssertClose(IEnumerable<double> expected, Tensor<float> actual, double relative, double absolute, string what) =>
        AssertClose([.. expected], actual.ToArray(), relative, absolute, what);

    public static void AssertClose(double[] expected, float[] actual, double relative, double absolute, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(expected[i] - actual[i]);
            Assert.True(
                error <= absolute + (relative * Math.Abs(expected[i])),
                $"{what}[{i}] is {actual[i]:G9}; {expected[i]:G9} is expected, to {relative:G2} of it + {absolute:G2}");
        }
    }
}
