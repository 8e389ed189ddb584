using System.Globalization;
using Differential.Core.Decisions;
using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// <c>adversarial.safetensors</c>: for each split <c>SPLIT.indices</c> and <c>SPLIT.labels</c> (int64 [n]), and for each attack and
/// budget <c>SPLIT.ATTACK.NORM.EPSILON</c> (<c>SPLIT.ATTACK.NORM</c> without a budget; a second one of that name ends in
/// <c>#2</c>): the clipped inputs, float32 [n, channels, height, width] or [n, features], in the order of the indices.
/// A split without attacked samples is left out: the format has no empty tensors here.
/// </summary>
public static class AdversarialFile
{
    /// <summary>Writes the file durably, one image at a time.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public static void Write(string path, IReadOnlyList<AdversarialSplit> splits) => DurableFile.Write(path, stream => Write(stream, splits));

    /// <summary>Writes to a stream, which stays open.</summary>
    public static void Write(Stream stream, IReadOnlyList<AdversarialSplit> splits)
    {
        ArgumentNullException.ThrowIfNull(splits);
        AdversarialSplit[] filled = [.. splits.Where(split => split.Indices.Count > 0)];
        List<SafetensorsEntry> entries = [];
        foreach (AdversarialSplit split in filled)
        {
            Check(split);
            entries.AddRange(Entries(split, entries));
        }

        SafetensorsWriter writer = new(stream, entries, new Dictionary<string, string> { ["format"] = "pt" });
        foreach (AdversarialSplit split in filled)
        {
            writer.Write([.. split.Indices.Select(index => (long)index)]);
            writer.Write([.. split.Labels.Select(label => (long)label)]);
            float[] image = new float[split.SampleShape.Length];
            foreach (AdversarialInputs attack in split.Attacks)
            {
                for (int i = 0; i < split.Indices.Count; i++)
                {
                    ChannelsFirst(attack.Inputs.Span.Slice(i * image.Length, image.Length), split.SampleShape, image);
                    writer.Write(image.AsSpan());
                }
            }
        }

        writer.Complete();
    }

    private static void Check(AdversarialSplit split)
    {
        long length = (long)split.Indices.Count * split.SampleShape.Length;
        if (split.Labels.Count != split.Indices.Count || split.Attacks.Any(attack => attack.Inputs.Length != length))
        {
            throw new ArgumentException($"The lengths of the split {split.Split} differ.", nameof(split));
        }
    }

    private static List<SafetensorsEntry> Entries(AdversarialSplit split, IReadOnlyList<SafetensorsEntry> before)
    {
        int count = split.Indices.Count;
        HashSet<string> names = [.. before.Select(entry => entry.Name)];
        Shape sample = split.SampleShape;
        Shape shape = sample.Rank == 3 ? new Shape(count, sample[2], sample[0], sample[1]) : sample.Batched(count);
        List<SafetensorsEntry> entries =
        [
            new SafetensorsEntry($"{split.Split}.indices", SafetensorsType.I64, new Shape(count)),
            new SafetensorsEntry($"{split.Split}.labels", SafetensorsType.I64, new Shape(count)),
        ];
        foreach (AdversarialInputs attack in split.Attacks)
        {
            string epsilon = attack.Epsilon is double value ? "." + value.ToString("R", CultureInfo.InvariantCulture) : string.Empty;
            string name = $"{split.Split}.{attack.Attack}.{(attack.Norm == AttackNorm.L2 ? "l2" : "linf")}{epsilon}";
            string free = name;
            for (int i = 2; !names.Add(free); i++)
            {
                free = $"{name}#{i}";
            }

            entries.Add(new SafetensorsEntry(free, SafetensorsType.F32, shape));
        }

        return entries;
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
