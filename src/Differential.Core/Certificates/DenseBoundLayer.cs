namespace Differential.Core.Certificates;

/// <summary>A dense layer; weights [outputs, inputs].</summary>
internal sealed class DenseBoundLayer(int inputs, int outputs, float[] weight, float[]? bias) : AffineBoundLayer(inputs, outputs)
{
    public override void Forward(double[] x, double[] y)
    {
        for (int o = 0; o < Outputs; o++)
        {
            double sum = bias?[o] ?? 0;
            ReadOnlySpan<float> row = weight.AsSpan(o * Inputs, Inputs);
            for (int i = 0; i < row.Length; i++)
            {
                sum += row[i] * x[i];
            }

            y[o] = sum;
        }
    }

    public override void ForwardAbsolute(double[] x, double[] y)
    {
        for (int o = 0; o < Outputs; o++)
        {
            double sum = 0;
            ReadOnlySpan<float> row = weight.AsSpan(o * Inputs, Inputs);
            for (int i = 0; i < row.Length; i++)
            {
                sum += Math.Abs(row[i]) * x[i];
            }

            y[o] = sum;
        }
    }

    public override double Backward(double[] y, double[] x)
    {
        Array.Clear(x);
        double constant = 0;
        for (int o = 0; o < Outputs; o++)
        {
            double factor = y[o];
            if (factor == 0)
            {
                continue;
            }

            constant += factor * (bias?[o] ?? 0);
            ReadOnlySpan<float> row = weight.AsSpan(o * Inputs, Inputs);
            for (int i = 0; i < row.Length; i++)
            {
                x[i] += factor * row[i];
            }
        }

        return constant;
    }
}
