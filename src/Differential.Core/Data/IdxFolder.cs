using Differential.Core.Arrays;
using Differential.Core.Files;

namespace Differential.Core.Data;

/// <summary>A folder of MNIST's files: for each split one of images and one of labels, told by their names.</summary>
/// <param name="folder">The folder.</param>
/// <param name="layout">What the dimensions of the images mean; null where they tell.</param>
internal sealed class IdxFolder(string folder, ArrayLayout? layout)
{
    private const string Allowed = "train-images-idx3-ubyte, train-labels-idx1-ubyte and the same of t10k, plain or .gz";

    /// <summary>The records of a split; null where its files are not there and <c>train</c> is not among its names.</summary>
    /// <param name="names">What the names of its files hold.</param>
    /// <exception cref="InputException">A file is missing or broken.</exception>
    public RecordSource? Read(params string[] names)
    {
        string? images = Find(names, "images");
        string? labels = Find(names, "labels");
        if (images is null && labels is null && names[0] != "train")
        {
            return null;
        }

        StoredArray array = IdxHeader.Read(images ?? throw Missing(names[0], "images"));
        SampleLayout sample = SampleLayout.Of(array, layout);
        if (!sample.IsImages)
        {
            throw array.Source.Mistake("header", $"{array.Dimensions.Count} dimensions", "three or four, of images");
        }

        long[] numbers = Labels(IdxHeader.Read(labels ?? throw Missing(names[0], "labels")), array);
        return new RecordSource(images, numbers, (plan, classes) => ArrayImages.Read(array, sample, plan, classes, static value => (byte)value));
    }

    private static long[] Labels(StoredArray labels, StoredArray images)
    {
        if (labels.Dimensions.Count != 1 || labels.Count != images.Count)
        {
            throw labels.Source.Mistake("header", $"the dimensions {string.Join(" x ", labels.Dimensions)}", $"{images.Count}, one label for each image of {images.Source.File}");
        }

        var numbers = new long[labels.Count];
        labels.ForEachSample((i, value) => numbers[i] = value[0]);
        return numbers;
    }

    private string? Find(string[] names, string part)
    {
        if (!Directory.Exists(folder))
        {
            throw new InputException(folder, string.Empty, File.Exists(folder) ? "it is a file" : "there is no such folder", $"a folder with {Allowed}");
        }

        try
        {
            string[] found = [.. Directory.EnumerateFiles(folder)
                .Where(file => Path.GetFileName(file) is var name
                    && name.Contains(part, StringComparison.OrdinalIgnoreCase)
                    && name.Contains("idx", StringComparison.OrdinalIgnoreCase)
                    && names.Any(split => name.Contains(split, StringComparison.OrdinalIgnoreCase)))
                .Order(StringComparer.Ordinal)];
            return found.Length < 2
                ? found.FirstOrDefault()
                : throw new InputException(folder, string.Empty, $"{found.Length} files of the {part} of {names[0]}: {string.Join(", ", found.Select(Path.GetFileName))}", "one of each");
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw InputFiles.Unreadable(folder, exception, $"a folder with {Allowed}");
        }
    }

    private InputException Missing(string split, string part) => new(folder, string.Empty, $"no file of the {part} of {split}", Allowed);
}
