using Differential.Kernels.Convolution;

namespace Differential.Kernels.Tests.Reference;

/// <summary>A convolution and its gradients as plain loops in double precision, from the definition.</summary>
internal static class ReferenceConv2d
{
    /// <summary>Without bias.</summary>
    public static double[] Forward(Conv2dGeometry g, float[] x, float[] weight, int count)
    {
        var y = new double[count * g.OutputLength];
        ForEachProduct(g, count, (xi, wi, yi) => y[yi] += (double)x[xi] * weight[wi]);
        return y;
    }

    public static double[] BackwardInput(Conv2dGeometry g, float[] dy, float[] weight, int count)
    {
        var dx = new double[count * g.InputLength];
        ForEachProduct(g, count, (xi, wi, yi) => dx[xi] += (double)dy[yi] * weight[wi]);
        return dx;
    }

    public static double[] BackwardWeight(Conv2dGeometry g, float[] x, float[] dy, int count)
    {
        var dWeight = new double[g.WeightLength];
        ForEachProduct(g, count, (xi, wi, yi) => dWeight[wi] += (double)x[xi] * dy[yi]);
        return dWeight;
    }

    public static double[] BackwardBias(Conv2dGeometry g, float[] dy, int count)
    {
        var dBias = new double[g.Filters];
        for (int i = 0; i < count * g.OutputLength; i++)
        {
            dBias[i % g.Filters] += dy[i];
        }

        return dBias;
    }

    /// <summary>Calls back with the indices (input, weight, output) of every product of the convolution's definition.</summary>
    private static void ForEachProduct(Conv2dGeometry g, int count, Action<int, int, int> product)
    {
        for (int output = 0; output < count * g.OutputHeight * g.OutputWidth; output++)
        {
            int image = output / (g.OutputHeight * g.OutputWidth);
            int top = (output / g.OutputWidth % g.OutputHeight * g.Stride) - g.Padding;
            int left = (output % g.OutputWidth * g.Stride) - g.Padding;
            for (int tap = 0; tap < g.Size * g.Size; tap++)
            {
                int row = top + (tap / g.Size);
                int column = left + (tap % g.Size);
                if (row < 0 || row >= g.Height || column < 0 || column >= g.Width)
                {
                    continue;
                }

                int pixel = (((image * g.Height) + row) * g.Width) + column;
                for (int channel = 0; channel < g.Channels; channel++)
                {
                    for (int filter = 0; filter < g.Filters; filter++)
                    {
                        int weight = (((filter * g.Channels) + channel) * g.Size * g.Size) + tap;
                        product((pixel * g.Channels) + channel, weight, (output * g.Filters) + filter);
                    }
                }
            }
        }
    }
}
