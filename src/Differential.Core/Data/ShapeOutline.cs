namespace Differential.Core.Data;

/// <summary>The shapes of <see cref="ShapesGenerator"/> as distances to their outlines.</summary>
internal static class ShapeOutline
{
    /// <summary>Half the width of a cross's arm, as a share of its radius.</summary>
    private const double ArmShare = 0.25;

    /// <summary>How far (x, y) is outside a shape around the origin, in pixels, about; negative inside.</summary>
    /// <param name="number">The shape, from 0: disc, cross, square, ring, triangle, bar, saltire, frame, half disc, corner.</param>
    /// <param name="x">Along the shape's own first axis.</param>
    /// <param name="y">Along its second axis, downwards.</param>
    /// <param name="radius">Of the circle around the shape, about.</param>
    public static double Distance(int number, double x, double y, double radius)
    {
        double arm = ArmShare * radius;
        double side = 0.8 * radius;
        return number switch
        {
            0 => Disc(radius),
            1 => Math.Min(Bar(x, y, radius, arm), Bar(y, x, radius, arm)),
            2 => Bar(x, y, side, side),
            3 => Math.Abs(Disc(0.75 * radius)) - arm,
            4 => Math.Max(y - (radius / 2), (Math.Sqrt(3) / 2 * Math.Abs(x)) - (y / 2) - (radius / 2)),
            5 => Bar(x, y, radius, 1.5 * arm),
            6 => Math.Min(Bar(Diagonal(1), Diagonal(-1), radius, arm), Bar(Diagonal(-1), Diagonal(1), radius, arm)),
            7 => Math.Max(Bar(x, y, side, side), -Bar(x, y, side / 2, side / 2)),
            8 => Math.Max(Disc(radius), -y),
            9 => Math.Min(Bar(x, y - side + arm, side, arm), Bar(y, x + side - arm, side, arm)),
            _ => throw new ArgumentOutOfRangeException(nameof(number)),
        };

        double Disc(double size) => Math.Sqrt((y * y) + (x * x)) - size;

        double Diagonal(double sign) => (x + (sign * y)) / Math.Sqrt(2);

        static double Bar(double along, double beside, double length, double width) => Math.Max(Math.Abs(along) - length, Math.Abs(beside) - width);
    }
}
