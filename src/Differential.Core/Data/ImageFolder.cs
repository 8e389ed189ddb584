using Differential.Core.Files;
using Differential.Core.Images;

namespace Differential.Core.Data;

/// <summary>
/// A folder with a folder of images for each class, or with such folders in <c>train</c> and <c>test</c>. The images of a split are in the
/// order of their names, whatever their class, numbers within a name by their value; the classes are in the order of theirs.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="options">What is taken of it.</param>
/// <param name="source">What messages about the options call them.</param>
internal sealed class ImageFolder(string folder, ImagesOptions options, string source)
{
    private const string Allowed = "a folder with a folder of images for each class, or with such folders in train and test";

    private readonly List<string> _leftOut = [];

    /// <exception cref="InputException">A class is unknown or empty, or a folder or file is missing or broken.</exception>
    public DataSplits Load(long seed)
    {
        string train = Path.Combine(folder, "train");
        string test = Path.Combine(folder, "test");
        bool hasTrain = Folders(folder).Contains(train) && Folders(train).Count > 0;
        bool hasTest = hasTrain && Directory.Exists(test);
        if (hasTest && options.TestShare > 0)
        {
            throw new InputException(source, $"{DataOptions.Place}.testShare", "a share of test images beside a folder of test images", "testShare where there is no folder test");
        }

        string root = hasTrain ? train : folder;
        string[] names = [.. Folders(root).Select(path => Path.GetFileName(path)!)];
        if (names.Length < 2)
        {
            throw new InputException(root, string.Empty, names.Length == 0 ? "no folder of a class" : $"a folder of one class alone, {names[0]}", Allowed);
        }

        int[] classes = options.Choose(names, source);
        List<ImageEntry> images = Entries(root, names, classes);
        List<ImageEntry> tests = [];
        if (hasTest)
        {
            tests = Entries(test, names, classes);
        }
        else
        {
            var labels = new RecordLabels([.. images.Select(image => image.Class)], names);
            bool[] isTest = TestShare.Draw(labels, classes, options.TestShare ?? TestShare.Default, seed, number => Path.Combine(root, names[number]));
            tests = [.. images.Where((_, i) => isTest[i])];
            images = [.. images.Where((_, i) => !isTest[i])];
        }

        var form = new ImageForm(options.Size, options.Channels, options.Background);
        Dataset trainSet = Load(images, options.TrainLimit, root);
        return new DataSplits(
            trainSet,
            tests.Count == 0 ? trainSet : Load(tests, options.TestLimit, hasTest ? test : root),
            [.. classes.Select(number => names[number])])
        {
            Notes = _leftOut.Count == 0
                ? []
                : [$"{folder}: {_leftOut.Count} files are named as no PNG, JPEG, BMP or GIF image and are left out: {string.Join(", ", _leftOut.Take(3))}{(_leftOut.Count > 3 ? ", …" : string.Empty)}"],
        };

        Dataset Load(List<ImageEntry> entries, int? limit, string where)
        {
            var room = new ClassRoom(classes, limit);
            ImageEntry[] taken = [.. entries.Where(entry => room.Take(entry.Class, out _))];
            room.CheckAll(where, names, "image");
            return ImageLoader.Load(form, taken, classes);
        }
    }

    /// <summary>The images of the chosen classes.</summary>
    private List<ImageEntry> Entries(string root, string[] names, int[] classes)
    {
        List<ImageEntry> entries = [];
        foreach (int number in classes)
        {
            string path = Path.Combine(root, names[number]);
            if (!Directory.Exists(path))
            {
                throw new InputException(path, string.Empty, "there is no such folder", $"a folder of images of the class {names[number]}");
            }

            int before = entries.Count;
            foreach (string file in Files(path))
            {
                if (ImageFile.IsNamed(file))
                {
                    entries.Add(new ImageEntry(file, number));
                }
                else
                {
                    _leftOut.Add(Path.Combine(names[number], Path.GetFileName(file)));
                }
            }

            if (entries.Count == before)
            {
                throw new InputException(path, string.Empty, $"no image of the class {names[number]}", "at least one PNG, JPEG, BMP or GIF image (.png, .jpg, .jpeg, .bmp, .gif)");
            }
        }

        // A stable sort: images of one name in several classes stay in the order of the classes' numbers.
        return [.. entries.OrderBy(entry => Path.GetFileName(entry.File), NaturalOrder.Instance).ThenBy(entry => entry.Class)];
    }

    private static List<string> Folders(string path) => List(path, () => Directory.EnumerateDirectories(path));

    private static List<string> Files(string path) => List(path, () => Directory.EnumerateFiles(path));

    /// <summary>What is in a folder, by name; hidden names are passed over.</summary>
    private static List<string> List(string path, Func<IEnumerable<string>> entries)
    {
        if (!Directory.Exists(path))
        {
            throw new InputException(path, string.Empty, File.Exists(path) ? "it is a file" : "there is no such folder", Allowed);
        }

        try
        {
            return [.. entries().Where(entry => !Path.GetFileName(entry).StartsWith('.')).OrderBy(Path.GetFileName, NaturalOrder.Instance)];
        }
        catch (Exception e) when (SystemError.IsOfFiles(e))
        {
            throw InputFiles.Unreadable(path, e, Allowed);
        }
    }
}
