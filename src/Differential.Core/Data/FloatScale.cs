using System.Globalization;
using Differential.Core.Arrays;

namespace Differential.Core.Data;

/// <summary>How the numbers of an array of images become bytes: those from 0 to 1 times 255, those from 0 to 255 as they are; rounded.</summary>
/// <param name="Factor">255 or 1.</param>
/// <param name="IsExact">Whether each value was one of the 256 levels, up to the rounding of a float32.</param>
internal sealed record FloatScale(double Factor, bool IsExact)
{
    private const double Slack = 1e-4;

    public byte ToByte(double value) => (byte)Math.Round(value * Factor, MidpointRounding.AwayFromZero);

    /// <summary>Looks at every value of an array.</summary>
    /// <param name="array">The images.</param>
    /// <param name="other">The scale of the training images, which holds for the test images too; null for none.</param>
    /// <exception cref="InputException">A value that fits neither scale.</exception>
    public static FloatScale Of(StoredArray array, FloatScale? other)
    {
        double high = 0;
        double most = other is null ? 255 : 255 / other.Factor;
        bool isUnit = true;
        bool isWhole = true;
        array.ForEach((start, values) =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                double value = values[i];
                if (!(value >= 0 && value <= most))
                {
                    long at = start + i;
                    throw array.Source.Mistake(
                        $"record {(array.Fortran ? at % array.Count : at / array.SampleLength) + 1}",
                        string.Create(CultureInfo.InvariantCulture, $"the value {value}"),
                        other is null ? "values from 0 to 1 or from 0 to 255, or \"layout\": \"nd\" for points" : $"values from 0 to {most}, as the training images have");
                }

                high = Math.Max(high, value);
                isUnit &= Math.Abs((255 * value) - Math.Round(255 * value)) <= Slack;
                isWhole &= Math.Abs(value - Math.Round(value)) <= Slack;
            }
        });
        double factor = other?.Factor ?? (high <= 1 && !array.Type.IsInteger ? 255 : 1);
        return new FloatScale(factor, factor == 255 ? isUnit : isWhole);
    }
}
