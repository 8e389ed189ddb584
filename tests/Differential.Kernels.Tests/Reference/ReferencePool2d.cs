using Differential.Kernels.Pooling;

namespace Differential.Kernels.Tests.Reference;

/// <summary>Pooling and its gradient as plain loops, from the definition.</summary>
internal static class ReferencePool2d
{
    public static double[] Forward(PoolKind kind, Pool2dGeometry g, float[] x, int count)
    {
        var y = new double[count * g.OutputLength];
        for (int i = 0; i < y.Length; i++)
        {
            int[] window = Window(g, i);
            y[i] = kind == PoolKind.Max ? x[window[Largest(x, window)]] : window.Average(j => (double)x[j]);
        }

        return y;
    }

    public static double[] Backward(PoolKind kind, Pool2dGeometry g, float[] x, float[] dy, int count)
    {
        var dx = new double[count * g.InputLength];
        for (int i = 0; i < count * g.OutputLength; i++)
        {
            int[] window = Window(g, i);
            if (kind == PoolKind.Max)
            {
                dx[window[Largest(x, window)]] += dy[i];
            }
            else
            {
                foreach (int j in window)
                {
                    dx[j] += (double)dy[i] / window.Length;
                }
            }
        }

        return dx;
    }

    /// <summary>The place of the first largest value; a NaN takes over from anything, as in PyTorch.</summary>
    private static int Largest(float[] x, int[] window)
    {
        int largest = 0;
        for (int j = 1; j < window.Length; j++)
        {
            if (x[window[j]] > x[window[largest]] || float.IsNaN(x[window[j]]))
            {
                largest = j;
            }
        }

        return largest;
    }

    /// <summary>The input elements of an output element's window, in row order.</summary>
    private static int[] Window(Pool2dGeometry g, int output)
    {
        int channel = output % g.Channels;
        int column = output / g.Channels % g.OutputWidth;
        int row = output / g.Channels / g.OutputWidth % g.OutputHeight;
        int image = output / g.OutputLength;
        return [.. Enumerable.Range(0, g.Size * g.Size).Select(tap =>
            (((((image * g.Height) + (row * g.Stride) + (tap / g.Size)) * g.Width) + (column * g.Stride) + (tap % g.Size)) * g.Channels) + channel)];
    }
}
