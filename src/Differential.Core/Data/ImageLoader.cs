using Differential.Core.Images;

namespace Differential.Core.Data;

/// <summary>Decodes image files into data sets of one form.</summary>
internal static class ImageLoader
{
    /// <summary>The images in their order.</summary>
    /// <param name="form">Size, channels and background.</param>
    /// <param name="entries">At least one.</param>
    /// <param name="classes">Numbers of the chosen classes.</param>
    /// <exception cref="InputException">An image is broken or has another size than the first; of several the first in the order.</exception>
    public static Dataset Load(ImageForm form, IReadOnlyList<ImageEntry> entries, int[] classes)
    {
        form.Begin(ImageFile.ReadBytes(entries[0].File), entries[0].File);
        using var pixels = new PixelWriter((long)entries.Count * form.Shape.Length);
        OrderedDecoding.ForEach(
            entries.Count,
            i => form.Pixels(ImageFile.ReadBytes(entries[i].File), entries[i].File),
            (_, image) => pixels.Add(image));
        sbyte[] labels = [.. entries.Select(entry => ClassRoom.LabelOf(Array.IndexOf(classes, entry.Class), classes.Length))];
        return Dataset.OfImages(form.Shape, labels, pixels.ToStore(), classes.Length);
    }
}
