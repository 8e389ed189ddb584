using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// <c>adversarial.safetensors</c>: for each split <c>SPLIT.indices</c> and <c>SPLIT.labels</c> (int64 [n]), and for each attack and
/// budget <c>SPLIT.ATTACK.NORM.EPSILON</c> (<c>SPLIT.ATTACK.NORM</c> without a budget; a second one of that name ends in
/// <c>#2</c>): the clipped inputs, float32 [n, channels, height, width] or [n, features], in the order of the indices; a sample that
/// the attack did not flip is there unchanged.
/// A split without attacked samples is left out: the format has no empty tensors here.
/// </summary>
internal static class AdversarialFile
{
    /// <summary>Writes the file durably, one image at a time.</summary>
    /// <exception cref="ArgumentException">The adversarial inputs were not kept.</exception>
    /// <exception cref="IOException">It can't be written.</exception>
    public static void Write(string path, IReadOnlyList<AdversarialSplit> splits) => DurableFile.Write(path, stream => Write(stream, splits));

    /// <summary>Writes to a stream, which stays open.</summary>
    public static void Write(Stream stream, IReadOnlyList<AdversarialSplit> splits)
    {
        ArgumentNullException.ThrowIfNull(splits);
        AdversarialSplit[] filled = [.. splits.Where(split => split.Result.Attacked > 0)];
        SafetensorsWriter writer = new(stream, [.. filled.SelectMany(Entries)], new Dictionary<string, string> { ["format"] = "pt" });
        foreach (AdversarialSplit split in filled)
        {
            IReadOnlyList<AttackedSample> samples = split.Result.Samples;
            writer.Write([.. samples.Select(sample => (long)sample.Index)]);
            writer.Write([.. samples.Select(sample => (long)sample.Label)]);
            float[] clean = new float[split.Data.SampleShape.Length];
            float[] image = new float[clean.Length];
            foreach (IReadOnlyList<float[]?> found in split.Result.Attacks.Select(Kept))
            {
                for (int i = 0; i < samples.Count; i++)
                {
                    split.Data.Sample(samples[i].Index, clean);
                    ChannelsFirst(found[i] ?? clean, split.Data.SampleShape, image);
                    writer.Write(image.AsSpan());
                }
            }
        }

        writer.Complete();
    }

    private static IReadOnlyList<float[]?> Kept(AttackResult attack) =>
        attack.Adversarial ?? throw new ArgumentException($"the adversarial inputs of {attack.Kind} were not kept", nameof(attack));

    private static IEnumerable<SafetensorsEntry> Entries(AdversarialSplit split)
    {
        int count = split.Result.Attacked;
        Shape sample = split.Data.SampleShape;
        Shape shape = sample.Rank == 3 ? new Shape(count, sample[2], sample[0], sample[1]) : sample.Batched(count);
        return
        [
            new SafetensorsEntry($"{split.Split}.indices", SafetensorsType.I64, new Shape(count)),
            new SafetensorsEntry($"{split.Split}.labels", SafetensorsType.I64, new Shape(count)),
            .. AttackNames.Of(split.Result.Attacks).Select(name => new SafetensorsEntry($"{split.Split}.{name}", SafetensorsType.F32, shape)),
        ];
    }

    private static void ChannelsFirst(ReadOnlySpan<float> stored, Shape shape, Span<float> image)
    {
        int channels = shape.Rank == 3 ? shape[2] : 1;
        int area = stored.Length / channels;
        for (int c = 0, k = 0; c < channels; c++)
        {
            for (int i = 0; i < area; i++, k++)
            {
                image[k] = stored[(i * channels) + c];
            }
        }
    }
}
