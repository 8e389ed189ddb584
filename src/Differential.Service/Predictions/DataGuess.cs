using System.Globalization;
using Differential.Core.Data;
using Differential.Core.Models;

namespace Differential.Service.Predictions;

/// <summary>What a folder or a file holds, by its names, as data of the classes that a model tells apart.</summary>
internal static class DataGuess
{
    private static readonly string[] ImageEndings = [".PNG", ".JPG", ".JPEG", ".BMP", ".GIF"];

    /// <summary>The data; null for images that lie in no folders of classes.</summary>
    public static DataOptions? Of(string path, OpenedModel model)
    {
        if (Directory.Exists(path))
        {
            return Folder(path, model);
        }

        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".NPZ" or ".NPY" => Classified(new NumpyOptions { Path = path, Layout = model.Input.Rank == 1 ? ArrayLayout.Nd : null }, model, path),
            ".PARQUET" => Classified(new ParquetOptions { Path = path, Size = Size(model), Channels = Channels(model) }, model, path),
            var ending when ImageEndings.Contains(ending) => null,
            _ => Points(path, model),
        };
    }

    public static bool IsImage(string file) => ImageEndings.Contains(Path.GetExtension(file).ToUpperInvariant());

    private static ClassifiedOptions? Folder(string path, OpenedModel model)
    {
        string[] files = [.. Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file)!)];
        if (files.Any(static name => name is "test_batch.bin" or "data_batch_1.bin"))
        {
            return Classified(new Cifar10Options { Path = path }, model, path);
        }

        if (files.Contains("test.bin") && files.Contains("train.bin"))
        {
            return Classified(new Cifar100Options { Path = path }, model, path);
        }

        if (files.Any(static name => name.Contains("idx", StringComparison.OrdinalIgnoreCase) && name.Contains("images", StringComparison.OrdinalIgnoreCase)))
        {
            return Classified(new IdxOptions { Path = path }, model, path);
        }

        if (files.Any(static name => name.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)))
        {
            return Classified(new NumpyOptions { Path = path, Layout = model.Input.Rank == 1 ? ArrayLayout.Nd : null }, model, path);
        }

        if (files.Any(static name => name.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)))
        {
            return Classified(new ParquetOptions { Path = path, Size = Size(model), Channels = Channels(model) }, model, path);
        }

        return files.Any(IsImage) ? null : Classified(new ImagesOptions { Path = path, Size = Size(model), Channels = Channels(model) }, model, path);
    }

    private static PointsOptions Points(string path, OpenedModel model)
    {
        IReadOnlyList<string> names = NamesOf(model, path);
        bool isNumbered = names.SequenceEqual(Enumerable.Range(0, names.Count).Select(static i => i.ToString(CultureInfo.InvariantCulture)));
        return names.SequenceEqual(["+1", "-1"]) || names.SequenceEqual(["1", "0"]) ? new PointsOptions { Path = path }
            : names.Count > 2 && isNumbered ? new PointsOptions { Path = path, Classes = names.Count }
            : names.Count == 2 ? new PointsOptions { Path = path, Positive = names[0], Negative = names[1] }
            : new PointsOptions { Path = path, Classes = new PointClasses(names.Count, [.. names.Select(static name => new ClassName(name))]) };
    }

    private static ClassifiedOptions Classified(ClassifiedOptions options, OpenedModel model, string path)
    {
        IReadOnlyList<string> names = NamesOf(model, path);
        return names.Count == 2
            ? options with { Positive = names[0], Negative = names[1] }
            : options with { Classes = [.. names.Select(static name => new ClassName(name))] };
    }

    /// <summary>
    /// The classes of a model's scores, of one score the positive one first. A model that does not say is taken to have the classes of a folder in the order
    /// of their names, as most programs number them, else the labels from 0; of two the second is the positive one.
    /// </summary>
    public static IReadOnlyList<string> NamesOf(OpenedModel model, string path)
    {
        if (model.Names is { } names)
        {
            return names;
        }

        int count = Math.Max(2, model.Scores);
        string train = Path.Combine(path, "train");
        string[] folders = Directory.Exists(path)
            ? [.. Directory.EnumerateDirectories(Directory.Exists(train) ? train : path).Select(folder => Path.GetFileName(folder)!).Where(static name => name[0] != '.').Order(StringComparer.Ordinal)]
            : [];
        string[] classes = folders.Length == count ? folders : [.. Enumerable.Range(0, count).Select(static i => i.ToString(CultureInfo.InvariantCulture))];
        return model.Scores == 1 ? [classes[1], classes[0]] : classes;
    }

    private static int[]? Size(OpenedModel model) => model.Input.Rank == 3 ? [model.Input[0], model.Input[1]] : null;

    private static int Channels(OpenedModel model) => model.Input.Rank == 3 && model.Input[2] == 1 ? 1 : 3;
}
