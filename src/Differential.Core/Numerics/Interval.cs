using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Numerics;

/// <summary>A confidence interval of 95 %. Files have it as [low, high].</summary>
[JsonConverter(typeof(IntervalConverter))]
public readonly record struct Interval(double Low, double High)
{
    /// <summary>The standard normal distribution's 97.5 % quantile.</summary>
    private const double Normal = 1.959963984540054;

    public bool Contains(double value) => Low <= value && value <= High;

    /// <summary>Wilson's interval (1927) of a share: a part of [0, 1] that holds it, of width 0 for no number of samples.</summary>
    /// <param name="share">Of the samples, in [0, 1].</param>
    /// <param name="samples">Their number; of an estimate with another spread the number of samples that would have it.</param>
    /// <returns>[0, 1] without samples.</returns>
    public static Interval Wilson(double share, double samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        if (samples == 0)
        {
            return new Interval(0, 1);
        }

        double square = Normal * Normal / samples;
        double middle = (share + (square / 2)) / (1 + square);
        double half = Normal / (1 + square) * Math.Sqrt((share * (1 - share) / samples) + (square / (4 * samples)));

        // The ends are exact where no sample, or every one, is counted.
        return new Interval(share == 0 ? 0 : Math.Max(0, middle - half), share == 1 ? 1 : Math.Min(1, middle + half));
    }

    /// <summary>Student's interval (1908) of the mean of values that were measured independently, such as of seeds: mean ± t·s/√n with n − 1 degrees of freedom.</summary>
    /// <param name="values">Finite.</param>
    /// <returns>Null for fewer than two values.</returns>
    public static Interval? OfMean(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count < 2)
        {
            return null;
        }

        double mean = values.Average();
        double deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        double half = StudentQuantile(values.Count - 1) * deviation / Math.Sqrt(values.Count);
        return new Interval(mean - half, mean + half);
    }

    /// <summary>
    /// Newcombe's interval of the difference of two shares, from an interval of each (1998, "Interval estimation for the difference between independent
    /// proportions", method 10). Shares of the same samples are alike more often than not: of them it is wider than needed.
    /// </summary>
    /// <param name="share">In its interval.</param>
    /// <param name="interval">Of the share.</param>
    /// <param name="other">The share that is taken from it, in its interval.</param>
    /// <param name="otherInterval">Of the other share.</param>
    public static Interval OfDifference(double share, Interval interval, double other, Interval otherInterval)
    {
        double difference = share - other;
        return new Interval(
            difference - Hypotenuse(share - interval.Low, otherInterval.High - other),
            difference + Hypotenuse(interval.High - share, other - otherInterval.Low));
    }

    /// <summary>The part of the interval that lies in [0, 1]: of shares.</summary>
    public Interval OfShares() => new(Math.Clamp(Low, 0, 1), Math.Clamp(High, 0, 1));

    /// <summary>
    /// The 97.5 % quantile of Student's t, by bisection of its distribution function: that of ν degrees of freedom is a finite sum
    /// (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).
    /// </summary>
    /// <param name="freedom">ν, at least 1.</param>
    internal static double StudentQuantile(int freedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);
        double low = 0;
        double high = 13;
        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = Inside(middle, freedom) < 0.95 ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    private static double Hypotenuse(double a, double b) => Math.Sqrt((a * a) + (b * b));

    /// <summary>P(−t ≤ T ≤ t).</summary>
    private static double Inside(double t, int freedom)
    {
        double angle = Math.Atan(t / Math.Sqrt(freedom));
        (double sine, double cosine) = Math.SinCos(angle);
        bool odd = freedom % 2 == 1;
        double term = odd ? cosine : 1;
        double sum = freedom == 1 ? 0 : term;
        for (int k = odd ? 3 : 2; k <= freedom - 2; k += 2)
        {
            term *= cosine * cosine * (k - 1) / k;
            sum += term;
        }

        return odd ? 2 / Math.PI * (angle + (sine * sum)) : sine * sum;
    }
}

/// <summary>Reads and writes [low, high].</summary>
public sealed class IntervalConverter : JsonConverter<Interval>
{
    public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        double[] ends = JsonSerializer.Deserialize<double[]>(ref reader, options) ?? [];
        return ends.Length == 2 ? new Interval(ends[0], ends[1]) : throw new JsonException("not two numbers");
    }

    public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, (double[])[value.Low, value.High], options);
}
