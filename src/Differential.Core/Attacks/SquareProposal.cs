using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>Draws the changes that <see cref="SquareAttack"/> tries. A point of features is an image one pixel high.</summary>
internal abstract class SquareProposal(Shape shape, float low, float high)
{
    protected int Height { get; } = shape.Rank == 3 ? shape[0] : 1;

    protected int Width { get; } = shape.Rank == 3 ? shape[1] : shape.Length;

    protected bool IsPoint { get; } = shape.Rank != 3;

    protected int Channels { get; } = shape.Rank == 3 ? shape[2] : 1;

    public static SquareProposal Create(AttackNorm norm, Shape shape, float low, float high) =>
        norm == AttackNorm.Linf ? new LinfSquareProposal(shape, low, high) : new L2SquareProposal(shape, low, high);

    /// <summary>The first candidate.</summary>
    public abstract void Start(RandomStream random, ReadOnlySpan<float> clean, double epsilon, Span<float> candidate);

    /// <summary>The best input so far with a window changed.</summary>
    /// <param name="random">The sample's stream.</param>
    /// <param name="clean">The clean input.</param>
    /// <param name="best">The best input so far.</param>
    /// <param name="epsilon">The budget.</param>
    /// <param name="share">Share of the pixels in the window.</param>
    /// <param name="candidate">The candidate.</param>
    public abstract void Change(RandomStream random, ReadOnlySpan<float> clean, ReadOnlySpan<float> best, double epsilon, double share, Span<float> candidate);

    protected float Clip(float value) => Math.Clamp(value, low, high);

    /// <summary>Index of a pixel's first channel.</summary>
    protected int At(int row, int column) => ((row * Width) + column) * Channels;

    /// <summary>Side of a square of that share of the pixels, at least <paramref name="least"/>; of a row of pixels, its length.</summary>
    protected int Side(double share, int least)
    {
        double side = Height == 1 ? share * Width : Math.Sqrt(share * Height * Width);
        return Math.Max((int)Math.Round(side), least);
    }
}

/// <summary>Section 3.3 of the paper: the changes are ±ε; vertical stripes at first, then squares of one sign per channel.</summary>
internal sealed class LinfSquareProposal(Shape shape, float low, float high) : SquareProposal(shape, low, high)
{
    private const int Redraws = 10;

    public override void Start(RandomStream random, ReadOnlySpan<float> clean, double epsilon, Span<float> candidate)
    {
        for (int column = 0; column < Width; column++)
        {
            Paint(random, clean, (float)epsilon, candidate, 0, column, Height, 1);
        }
    }

    public override void Change(RandomStream random, ReadOnlySpan<float> clean, ReadOnlySpan<float> best, double epsilon, double share, Span<float> candidate)
    {
        int side = Side(share, 1);
        int height = Math.Min(side, Height);
        int width = Math.Min(side, Width);
        for (int draw = 0; draw < Redraws; draw++)
        {
            best.CopyTo(candidate);
            Paint(random, clean, (float)epsilon, candidate, random.NextInt32(Height - height + 1), random.NextInt32(Width - width + 1), height, width);
            if (!candidate.SequenceEqual(best))
            {
                return;
            }
        }
    }

    private void Paint(RandomStream random, ReadOnlySpan<float> clean, float epsilon, Span<float> candidate, int top, int left, int height, int width)
    {
        for (int channel = 0; channel < Channels; channel++)
        {
            float change = random.NextInt32(2) == 0 ? epsilon : -epsilon;
            for (int row = top; row < top + height; row++)
            {
                for (int column = left; column < left + width; column++)
                {
                    int at = At(row, column) + channel;
                    candidate[at] = Clip(clean[at] + change);
                }
            }
        }
    }
}
