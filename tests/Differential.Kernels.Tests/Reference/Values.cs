using Differential.Kernels.Devices;

namespace Differential.Kernels.Tests.Reference;

/// <summary>Values for tests: seeded random numbers, tensors that start unaligned, and comparison with a reference.</summary>
internal static class Values
{
    /// <summary>Uniform in [−1, 1), a function of seed and length alone.</summary>
    public static float[] Random(int seed, int length)
    {
        var random = new Random(seed);
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = (random.NextSingle() * 2) - 1;
        }

        return values;
    }

    /// <summary>A view of the values that starts at an odd element, between NaNs that must never reach a result.</summary>
    public static Tensor<float> Unaligned(ComputeDevice device, float[] values)
    {
        Tensor<float> tensor = device.Allocate(new Shape(values.Length + 6));
        tensor.Fill(float.NaN);
        Tensor<float> view = tensor.Slice(3, new Shape(values.Length));
        view.Write(values);
        return view;
    }

    /// <summary>A view of NaNs to be overwritten, with guards on both sides.</summary>
    public static Tensor<float> Output(ComputeDevice device, int length) => Unaligned(device, [.. Enumerable.Repeat(float.NaN, length)]);

    /// <summary>Checks that a kernel left the elements around a view of <see cref="Unaligned"/> alone.</summary>
    public static void AssertGuarded(Tensor<float> view)
    {
        var all = new float[view.Length + 6];
        view.Storage.Read(0, all);
        Assert.All(all[..3], v => Assert.True(float.IsNaN(v), "an element before the tensor was written"));
        Assert.All(all[^3..], v => Assert.True(float.IsNaN(v), "an element behind the tensor was written"));
    }

    /// <summary>|actual − expected| ≤ tolerance · (1 + |expected|), element by element.</summary>
    public static void AssertClose(double[] expected, Tensor<float> actual, double tolerance, string what)
    {
        float[] values = actual.ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(values[i] - expected[i]);
            Assert.True(error <= tolerance * (1 + Math.Abs(expected[i])), $"{what}[{i}] is {values[i]}, expected {expected[i]}");
        }

        AssertGuarded(actual);
    }
}
