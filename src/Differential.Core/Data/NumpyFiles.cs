using System.IO.Compression;
using Differential.Core.Arrays;
using Differential.Core.Files;

namespace Differential.Core.Data;

/// <summary>Pairs of arrays of samples and labels: entries of an .npz file, or .npy files.</summary>
/// <param name="layout">What the dimensions of the samples mean; null where they tell.</param>
internal sealed class NumpyFiles(ArrayLayout? layout)
{
    private const string Allowed = "x_train, y_train, x_test and y_test, or x and y";
    private const int MaxEntries = 1_000;

    private FloatScale? _scale;

    /// <summary>The training and test records of an .npz file or of a folder of .npy files.</summary>
    /// <exception cref="InputException">An array is missing or broken.</exception>
    public (RecordSource Train, RecordSource? Test) Read(string path)
    {
        if (Path.GetExtension(path).Equals(".npy", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path))
        {
            throw new InputException(path, string.Empty, "an .npy file without its labels", "an .npy file with \"labelsPath\", an .npz file, or a folder of .npy files");
        }

        Dictionary<string, ArraySource> arrays = Directory.Exists(path) ? Folder(path) : Archive(path);
        string suffix = arrays.ContainsKey("x_train") ? "_train" : string.Empty;
        RecordSource train = Pair(Array("x" + suffix), Array("y" + suffix));
        bool hasTest = suffix.Length > 0 && (arrays.ContainsKey("x_test") || arrays.ContainsKey("y_test"));
        return (train, hasTest ? Pair(Array("x_test"), Array("y_test")) : null);

        ArraySource Array(string name) => arrays.TryGetValue(name, out ArraySource? found)
            ? found
            : throw new InputException(path, string.Empty, $"no array {name}{(arrays.Count == 0 ? string.Empty : $" beside {string.Join(", ", arrays.Keys.Order(StringComparer.Ordinal).Take(10))}")}", Allowed);
    }

    /// <summary>The records of two arrays.</summary>
    /// <exception cref="InputException">They do not fit each other.</exception>
    public RecordSource Pair(ArraySource samples, ArraySource labels)
    {
        StoredArray x = NpyHeader.Read(samples);
        SampleLayout sample = SampleLayout.Of(x, layout);
        long[] numbers = Labels(NpyHeader.Read(labels), x);
        if (!sample.IsImages)
        {
            return new RecordSource(samples.File, numbers, (plan, classes) => ArrayPoints.Read(x, sample, plan, classes));
        }

        if (x.Type is { Size: 1, Kind: ElementKind.Unsigned })
        {
            return new RecordSource(samples.File, numbers, (plan, classes) => ArrayImages.Read(x, sample, plan, classes, static value => (byte)value));
        }

        FloatScale? used = null;
        return new RecordSource(samples.File, numbers, (plan, classes) =>
        {
            used = _scale = FloatScale.Of(x, _scale);
            return ArrayImages.Read(x, sample, plan, classes, used.ToByte);
        })
        {
            Notes = () => used is { IsExact: false } ? [$"{samples.File}: values between the 256 levels of a byte were rounded"] : [],
        };
    }

    /// <summary>A file of one array.</summary>
    public static ArraySource Npy(string file)
    {
        try
        {
            using FileStream stream = RegularFile.OpenRead(file);
            return new ArraySource(file, string.Empty, stream.Length, () => RegularFile.OpenRead(file, 1 << 18));
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw InputFiles.Unreadable(file, exception, "an array of NumPy (.npy)");
        }
    }

    private static long[] Labels(StoredArray labels, StoredArray samples)
    {
        if (labels.Count != samples.Count || labels.SampleLength != 1)
        {
            throw labels.Source.Mistake("header", $"the shape ({string.Join(", ", labels.Dimensions)})", $"({samples.Count},), one label for each sample");
        }

        var numbers = new long[labels.Count];
        labels.ForEach((start, values) =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                numbers[start + i] = Math.Abs(values[i]) <= int.MaxValue && values[i] == Math.Floor(values[i])
                    ? (long)values[i]
                    : throw labels.Source.Mistake($"record {start + i + 1}", FormattableString.Invariant($"the label {values[i]}"), "whole numbers");
            }
        });
        return numbers;
    }

    private static Dictionary<string, ArraySource> Folder(string path)
    {
        try
        {
            return Directory.EnumerateFiles(path, "*.npy").ToDictionary(file => Path.GetFileNameWithoutExtension(file), Npy, StringComparer.Ordinal);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw InputFiles.Unreadable(path, exception, $"a folder with {Allowed} as .npy files");
        }
    }

    private static Dictionary<string, ArraySource> Archive(string file)
    {
        const string allowed = $"an .npz file with {Allowed}";
        try
        {
            using var archive = new ZipArchive(RegularFile.OpenRead(file), ZipArchiveMode.Read);
            if (archive.Entries.Count > MaxEntries)
            {
                throw new InputException(file, string.Empty, $"{archive.Entries.Count} entries", $"at most {MaxEntries}");
            }

            Dictionary<string, ArraySource> arrays = [];
            foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.FullName.EndsWith(".npy", StringComparison.Ordinal)))
            {
                string name = entry.FullName;
                if (!arrays.TryAdd(name[..^4], new ArraySource(file, name, entry.Length, () => new ArchiveEntryStream(file, name))))
                {
                    throw new InputException(file, name, "an entry that is there twice", "each once");
                }
            }

            return arrays;
        }
        catch (InvalidDataException)
        {
            throw new InputException(file, string.Empty, "no zip archive, or a damaged one", allowed);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw InputFiles.Unreadable(file, exception, allowed);
        }
    }
}
