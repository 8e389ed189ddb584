using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Differential.Kernels.Devices;

namespace Differential.Core.Importing;

[Description("What an ONNX model expects of its inputs, where that is not inside it: it is given (range[0] + x · (range[1] − range[0]) − mean) / std of inputs x in [0, 1].")]
public sealed record ExpectedInput
{
    [Description("Taken off each channel, or feature: a number for each, or one for all; 0 by default.")]
    [MinLength(1)]
    [MaxLength(1_000_000)]
    public IReadOnlyList<double>? Mean { get; init; }

    [Description("By which each channel, or feature, is divided: a number above 0 for each, or one for all; 1 by default.")]
    [MinLength(1)]
    [MaxLength(1_000_000)]
    public IReadOnlyList<double>? Std { get; init; }

    [Description("What 0 and 1 become before the mean is taken off, such as [0, 255]; [0, 1] by default.")]
    [MinLength(2)]
    [MaxLength(2)]
    public IReadOnlyList<double>? Range { get; init; }

    /// <summary>Checks what needs no model.</summary>
    /// <param name="mistakes">Where mistakes go.</param>
    /// <param name="place">Of the object.</param>
    public void Check(InputMistakes mistakes, string place)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        if (Std is { } std && std.Any(static value => !(value > 0)))
        {
            mistakes.Add($"{place}.std", "a number that is not above 0", "numbers above 0");
        }

        if (Range is { Count: 2 } range && !(range[1] > range[0]))
        {
            mistakes.Add($"{place}.range", $"[{range[0]}, {range[1]}]", "the second above the first");
        }
    }

    /// <summary>For each channel what is taken off an input in [0, 1], and by what it is multiplied then.</summary>
    /// <param name="sample">Shape of a sample.</param>
    /// <exception cref="InputException">Another number of values than channels; the place is that of the field within this object.</exception>
    internal (float[] Mean, float[] Scale) Of(Shape sample)
    {
        int channels = sample[sample.Rank - 1];
        double[] mean = Each(Mean, "mean", 0, channels);
        double[] std = Each(Std, "std", 1, channels);
        (double low, double high) = Range is { } range ? (range[0], range[1]) : (0, 1);
        return ([.. mean.Select(value => (float)((value - low) / (high - low)))], [.. std.Select(value => (float)((high - low) / value))]);
    }

    private static double[] Each(IReadOnlyList<double>? values, string name, double missing, int channels)
    {
        if (values is not null && values.Count != 1 && values.Count != channels)
        {
            throw new InputException("model", $"input.{name}", $"{values.Count} values", $"1, or {channels}, one for each channel or feature of the data");
        }

        return [.. Enumerable.Range(0, channels).Select(channel => values is null ? missing : values[values.Count == 1 ? 0 : channel])];
    }
}
