using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>The normalisation (x − mean) · scale of a network's inputs, with x in [0, 1] for images.</summary>
/// <param name="Mean">A value per channel of images, per feature of points.</param>
/// <param name="Scale">Factor after the mean is removed.</param>
public sealed record InputNormalization(IReadOnlyList<float> Mean, float Scale)
{
    /// <summary>Leaves inputs as they are.</summary>
    public static InputNormalization None(Shape sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new(new float[Channels(sample)], 1f);
    }

    /// <summary>Whether anything changes at all.</summary>
    public bool IsIdentity => Scale == 1f && Mean.All(static value => value == 0f);

    /// <summary>The normalisation that options ask for; a mean of "train" is taken over <paramref name="train"/>.</summary>
    /// <exception cref="InputException">A number of means that is not the number of channels, or a value that is not finite.</exception>
    public static InputNormalization From(InputOptions options, Dataset train)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(train);
        if (!double.IsFinite(options.Scale) || options.Scale <= 0)
        {
            throw new InputException("model", "input.scale", options.Scale.ToString("R", null), "a positive number");
        }

        float[] mean = options.Mean.Values is { } values
            ? Given(values, Channels(train.SampleShape))
            : options.Mean == InputMean.Train ? OfData(train) : new float[Channels(train.SampleShape)];
        return new InputNormalization(mean, (float)options.Scale);
    }

    /// <summary>Values of the mean: the channels of images, the features of points.</summary>
    internal static int Channels(Shape sample) => sample[sample.Rank - 1];

    private static float[] Given(IReadOnlyList<double> values, int channels)
    {
        if (values.Count != channels)
        {
            throw new InputException("model", "input.mean", $"{values.Count} values", $"{channels}, one for each channel or feature of the data");
        }

        if (values.Any(static value => !float.IsFinite((float)value)))
        {
            throw new InputException("model", "input.mean", "a value that is not a finite number", "finite numbers");
        }

        return [.. values.Select(static value => (float)value)];
    }

    private static float[] OfData(Dataset data)
    {
        int channels = Channels(data.SampleShape);
        var sums = new double[channels];
        if (data.IsImages)
        {
            // Exact: integers, and far below 2⁵³.
            var exact = new long[channels];
            data.ForEachPixels(pixels =>
            {
                for (int i = 0; i < pixels.Length; i += channels)
                {
                    for (int channel = 0; channel < channels; channel++)
                    {
                        exact[channel] += pixels[i + channel];
                    }
                }
            });

            return [.. exact.Select(sum => (float)(sum / 255.0 * channels / data.Bytes))];
        }

        float[] features = data.Features!;
        for (int i = 0; i < features.Length; i += channels)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                sums[channel] += features[i + channel];
            }
        }

        return [.. sums.Select(sum => (float)(sum / data.Count))];
    }
}
