using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Models;

namespace Differential.Service.Predictions;

/// <summary>The samples that a model is to decide, what each is called, and its class where that is known.</summary>
/// <param name="Data">The samples; their labels count only where <paramref name="Classes"/> has one.</param>
/// <param name="Sources">A file or a number for each.</param>
/// <param name="Classes">The class of each by name; null where it is not known.</param>
/// <param name="Names">The model's classes; of one score the positive one first.</param>
internal sealed record PredictedSamples(Dataset Data, IReadOnlyList<string> Sources, IReadOnlyList<string?> Classes, IReadOnlyList<string> Names)
{
    /// <summary>The images of a file or of a folder and the folders in it; a folder that is called as a class gives its images that class.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="model">Its input decides the size.</param>
    /// <exception cref="InputException">No image is there, or one is broken.</exception>
    public static PredictedSamples OfImages(string path, OpenedModel model)
    {
        string[] files = File.Exists(path) ? [path] : ImageSet.FilesUnder(path);
        Dataset data = ImageSet.Load(files, model.Input, path);
        IReadOnlyList<string> names = DataGuess.NamesOf(model, path);
        return new PredictedSamples(
            data,
            [.. files.Select(file => File.Exists(path) ? file : Path.GetRelativePath(path, file))],
            [.. files.Select(file => Path.GetFileName(Path.GetDirectoryName(file)) is { } folder && names.Contains(folder) ? folder : null)],
            names);
    }

    /// <summary>A split of labelled data, by number.</summary>
    public static PredictedSamples OfSplit(Dataset data, IReadOnlyList<string> names) => new(
        data,
        [.. Enumerable.Range(0, data.Count).Select(static i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))],
        [.. data.Labels.Select(label => names.Count == 2 ? names[label > 0 ? 0 : 1] : names[label])],
        names);
}
