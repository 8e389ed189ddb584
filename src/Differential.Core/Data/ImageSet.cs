using Differential.Core.Files;
using Differential.Core.Images;
using Differential.Kernels.Devices;

namespace Differential.Core.Data;

/// <summary>Image files whose classes are not told.</summary>
internal static class ImageSet
{
    private const int MaxDepth = 8;

    /// <summary>The image files in a folder and in the folders within it, hidden ones apart, by name; numbers by their value.</summary>
    /// <exception cref="InputException">There are none, or a folder can't be read.</exception>
    public static string[] FilesUnder(string folder)
    {
        try
        {
            var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth, AttributesToSkip = FileAttributes.Hidden, IgnoreInaccessible = false };
            string[] files = [.. Directory.EnumerateFiles(folder, "*", options).Where(ImageFile.IsNamed).OrderBy(file => Path.GetRelativePath(folder, file), NaturalOrder.Instance)];
            return files.Length > 0 ? files : throw new InputException(folder, string.Empty, "no image", "a folder with PNG, JPEG, BMP or GIF images");
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw InputFiles.Unreadable(folder, exception, "a folder with images");
        }
    }

    /// <summary>The images in the form that a network takes; every label is +1 and says nothing.</summary>
    /// <param name="files">At least one.</param>
    /// <param name="shape">[height, width, channels], 1 or 3 channels.</param>
    /// <param name="path">What messages call the images as a whole.</param>
    /// <exception cref="InputException">An image is broken, or the network takes no such images.</exception>
    public static Dataset Load(IReadOnlyList<string> files, Shape shape, string path)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Rank != 3 || shape[2] is not (1 or 3))
        {
            throw new InputException(path, string.Empty, "images", $"samples of shape {shape}, which the model takes");
        }

        var form = new ImageForm([shape[0], shape[1]], shape[2], ImageForm.White);
        return ImageLoader.Load(form, [.. files.Select(static file => new ImageEntry(file, 0))], [0, 1]);
    }
}
