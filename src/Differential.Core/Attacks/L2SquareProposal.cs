using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// Section 3.4 of the paper: the change is a sum of bumps η, one positive and one negative half; a step takes the mass
/// of one window and puts it, with what the budget still has, as a bump on another. A point's features have no neighbours, and with few of them
/// pyramids span few directions: the bumps of points are random directions.
/// </summary>
internal sealed class L2SquareProposal(Shape shape, float low, float high) : SquareProposal(shape, low, high)
{
    private const double LargestTurn = 2;

    /// <summary>Logarithm of how much smaller the smallest bump of a point is.</summary>
    private const double TurnRange = 4;

    private readonly double[] _change = new double[shape.Length];
    private readonly double[] _bump = new double[shape.Length];
    private readonly double[] _window = new double[shape.Length];

    public override void Start(RandomStream random, ReadOnlySpan<float> clean, double epsilon, Span<float> candidate)
    {
        Array.Clear(_change);
        int side = Math.Max(Math.Max(Height, Width) / 5, 3);
        for (int top = 0; top < Height; top += side)
        {
            for (int left = 0; left < Width; left += side)
            {
                int height = Math.Min(side, Height - top);
                int width = Math.Min(side, Width - left);
                Bump(random, height, width);
                for (int channel = 0; channel < Channels; channel++)
                {
                    double sign = random.NextInt32(2) == 0 ? 1 : -1;
                    for (int i = 0; i < height * width; i++)
                    {
                        _change[At(top + (i / width), left + (i % width)) + channel] = sign * _bump[i];
                    }
                }
            }
        }

        Place(clean, epsilon, candidate);
    }

    public override void Change(RandomStream random, ReadOnlySpan<float> clean, ReadOnlySpan<float> best, double epsilon, double share, Span<float> candidate)
    {
        double squares = 0;
        for (int i = 0; i < _change.Length; i++)
        {
            _change[i] = (double)best[i] - clean[i];
            squares += _change[i] * _change[i];
        }

        int side = Side(share, 3) | 1;
        int height = Math.Min(side, Height);
        int width = Math.Min(side, Width);
        (int top, int left) = (random.NextInt32(Height - height + 1), random.NextInt32(Width - width + 1));
        (int oldTop, int oldLeft) = (random.NextInt32(Height - height + 1), random.NextInt32(Width - width + 1));
        Bump(random, height, width);
        double unused = Math.Max((epsilon * epsilon) - squares, 0) / Channels;
        for (int channel = 0; channel < Channels; channel++)
        {
            Move(random, (top, left), (oldTop, oldLeft), height, width, channel, unused);
        }

        Place(clean, epsilon, candidate);
    }

    /// <summary>One channel's window becomes its old direction plus a bump of random sign, with the mass of both windows.</summary>
    private void Move(RandomStream random, (int Top, int Left) to, (int Top, int Left) from, int height, int width, int channel, double unused)
    {
        double old = 0;
        double mass = unused;
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                int target = At(to.Top + row, to.Left + column) + channel;
                int source = At(from.Top + row, from.Left + column) + channel;
                bool shared = (uint)(from.Top + row - to.Top) < (uint)height && (uint)(from.Left + column - to.Left) < (uint)width;
                old += _change[target] * _change[target];
                mass += shared ? 0 : _change[source] * _change[source];
            }
        }

        // The new window is worked out before the old one is emptied: they may overlap.
        double sign = random.NextInt32(2) == 0 ? 1 : -1;
        double scale = old > 0 ? 1 / Math.Sqrt(old) : 0;
        double squares = 0;
        for (int i = 0; i < height * width; i++)
        {
            int target = At(to.Top + (i / width), to.Left + (i % width)) + channel;
            _window[i] = (_change[target] * scale) + (sign * _bump[i]);
            squares += _window[i] * _window[i];
        }

        scale = squares > 0 ? Math.Sqrt((mass + old) / squares) : 0;
        for (int i = 0; i < height * width; i++)
        {
            _change[At(from.Top + (i / width), from.Left + (i % width)) + channel] = 0;
        }

        for (int i = 0; i < height * width; i++)
        {
            _change[At(to.Top + (i / width), to.Left + (i % width)) + channel] = scale * _window[i];
        }
    }

    private void Place(ReadOnlySpan<float> clean, double epsilon, Span<float> candidate)
    {
        double squares = 0;
        foreach (double value in _change)
        {
            squares += value * value;
        }

        double scale = squares > 0 ? epsilon / Math.Sqrt(squares) : 0;
        for (int i = 0; i < candidate.Length; i++)
        {
            candidate[i] = Clip((float)(clean[i] + (scale * _change[i])));
        }
    }

    /// <summary>η of a window, of norm 1: a positive pyramid on the left half, a negative one on the right; upper and lower where turned. Of a point a random direction of random size.</summary>
    private void Bump(RandomStream random, int height, int width)
    {
        double squares = 0;
        for (int i = 0; i < width && IsPoint; i++)
        {
            _bump[i] = random.NextNormal();
            squares += _bump[i] * _bump[i];
        }

        if (!IsPoint)
        {
            squares = Pyramids(height, width, turned: height == width && random.NextInt32(2) == 1);
        }

        // Beside a window's own direction, of norm 1: large ones turn a point's change round, small ones find the last of the way.
        double scale = (IsPoint ? LargestTurn * Math.Exp(-TurnRange * random.NextDouble()) : 1) / Math.Sqrt(squares);
        for (int i = 0; i < height * width; i++)
        {
            _bump[i] *= scale;
        }
    }

    private double Pyramids(int height, int width, bool turned)
    {
        double squares = 0;
        int split = width / 2;
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                double value = column < split
                    ? Pyramid(row, column, height, split)
                    : -Pyramid(row, column - split, height, width - split);
                _bump[turned ? (column * width) + row : (row * width) + column] = value;
                squares += value * value;
            }
        }

        return squares;
    }

    /// <summary>Equation 2 of the paper: Σₖ₌₀ᴹ 1/(n + 1 − k)², n half the longer side, M how many rings from the edge.</summary>
    private static double Pyramid(int row, int column, int height, int width)
    {
        int n = Math.Max(height, width) / 2;
        int rings = n - Math.Max(Math.Abs(row - (height / 2)), Math.Abs(column - (width / 2)));
        double sum = 0;
        for (int k = 0; k <= rings; k++)
        {
            sum += 1.0 / ((n + 1 - k) * (n + 1 - k));
        }

        return sum;
    }
}
