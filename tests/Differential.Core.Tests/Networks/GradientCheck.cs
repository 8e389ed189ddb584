namespace Differential.Core.Tests.Networks;

/// <summary>Gradients against central differences of a piecewise smooth function that is computed in float32.</summary>
internal static class GradientCheck
{
    private const float Step = 4e-3f;

    /// <summary>Checks each of the values' derivatives.</summary>
    /// <param name="values">The point; each element is moved and put back.</param>
    /// <param name="gradient">The gradient to check.</param>
    /// <param name="objective">The function at the current values.</param>
    /// <param name="what">Name for messages.</param>
    public static void Check(float[] values, float[] gradient, Func<double> objective, string what)
    {
        Assert.Equal(values.Length, gradient.Length);
        double center = objective();
        int kinks = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float value = values[i];
            values[i] = value + Step;
            double above = objective();
            double upper = values[i];
            values[i] = value - Step;
            double below = objective();
            double lower = values[i];
            values[i] = value;

            // A ReLU or a maximum that switches within the step bends the function: there is no derivative to compare.
            double bend = Math.Abs((above - center) / (upper - value) - ((center - below) / (value - lower)));
            if (bend > 0.05 * (1 + Math.Abs(gradient[i])))
            {
                kinks++;
                continue;
            }

            double expected = (above - below) / (upper - lower);
            Assert.True(
                Math.Abs(expected - gradient[i]) <= 2e-3 + (5e-3 * Math.Abs(expected)) + bend,
                $"{what}[{i}]: the gradient is {gradient[i]}; differences give {expected}");
        }

        Assert.True(kinks <= values.Length / 5, $"{what}: {kinks} of {values.Length} at kinks");
        Assert.Contains(gradient, static element => Math.Abs(element) > 1e-3);
    }
}
