using System.Text;
using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Data;

/// <summary>
/// A folder in the binary format of CIFAR-10 (<c>data_batch_1.bin</c> … <c>data_batch_5.bin</c>, those that are there, and
/// <c>test_batch.bin</c>) or CIFAR-100: records of label bytes and 32 × 32 pixels as three planes (red, green, blue).
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="layout">Its files and records.</param>
/// <param name="source">What messages about the options call them.</param>
internal sealed class CifarFolder(string folder, CifarLayout layout, string source)
{
    private const int Side = 32;
    private const int Planes = 3;
    private const int PixelBytes = Side * Side * Planes;
    private const int MaxRecords = 100_000;
    private const int MaxNamesBytes = 1 << 16;

    private int RecordBytes => layout.LabelBytes + PixelBytes;

    private int Classes => layout.Names.Count;

    /// <exception cref="InputException">A class is unknown, or the folder or a file is missing or broken.</exception>
    internal DataSplits Load(ClassifiedOptions options)
    {
        if (!Directory.Exists(folder))
        {
            throw new InputException(folder, string.Empty, File.Exists(folder) ? "it is a file" : "there is no such folder", $"a folder with {layout.TrainFiles[0]} and {layout.TestFile}");
        }

        IReadOnlyList<string> names = ReadNames();
        int[] classes = options.Choose(names, source);

        ILookup<bool, string> train = layout.TrainFiles.ToLookup(file => File.Exists(Path.Combine(folder, file)));
        if (!train[true].Any())
        {
            throw layout.TrainFiles.Count == 1
                ? new InputException(folder, string.Empty, $"no {layout.TrainFiles[0]}", "the training records")
                : new InputException(folder, string.Empty, $"no {layout.TrainFiles[0]} to {layout.TrainFiles[^1]}", "at least one of them");
        }

        return new DataSplits(
            ReadSplit([.. train[true]], classes, options.TrainLimit, names, layout.TrainFiles.Count == 1 ? layout.TrainFiles[0] : "data_batch_*.bin"),
            ReadSplit([layout.TestFile], classes, options.TestLimit, names, layout.TestFile),
            [.. classes.Select(number => names[number])])
        {
            Notes = train[false].Any() ? [$"{folder}: {string.Join(", ", train[false])} {(train[false].Count() == 1 ? "is" : "are")} missing; the training samples are of {string.Join(", ", train[true])}"] : [],
        };
    }

    private IReadOnlyList<string> ReadNames()
    {
        string file = Path.Combine(folder, layout.NamesFile);
        if (!File.Exists(file))
        {
            return layout.Names;
        }

        try
        {
            if (new FileInfo(file).Length > MaxNamesBytes)
            {
                throw new InputException(file, string.Empty, "a file that is too long", $"{Number} names, at most {MaxNamesBytes} bytes");
            }

            string[] names = [.. Encoding.UTF8.GetString(RegularFile.ReadAllBytes(file, MaxNamesBytes)).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
            return names.Length == Classes && names.Distinct().Count() == Classes
                ? names
                : throw new InputException(file, string.Empty, $"{names.Distinct().Count()} different names in {names.Length} lines", $"{Number} different names, one a line");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputFiles.Unreadable(file, e, $"the names of the {Number} classes");
        }
    }

    private string Number => Classes == 10 ? "ten" : $"{Classes}";

    /// <summary>
    /// The first samples in the files' order. Every record's label is checked, those of other classes and beyond the limit too.
    /// </summary>
    private Dataset ReadSplit(string[] files, int[] classes, int? limit, IReadOnlyList<string> names, string what)
    {
        var room = new ClassRoom(classes, limit);
        List<sbyte> labels = [];
        List<byte[]> images = [];
        foreach (string file in files)
        {
            ReadFile(Path.Combine(folder, file), (label, planes) =>
            {
                if (room.Take(label, out sbyte side))
                {
                    labels.Add(side);
                    images.Add(ChannelsLast(planes));
                }
            });
        }

        room.CheckAll(Path.Combine(folder, what), names, "image");
        byte[] pixels = new byte[images.Count * PixelBytes];
        for (int i = 0; i < images.Count; i++)
        {
            images[i].CopyTo(pixels, i * PixelBytes);
        }

        return Dataset.OfImages(new Shape(Side, Side, Planes), [.. labels], pixels, classes.Length);
    }

    private void ReadFile(string file, RecordAction take)
    {
        try
        {
            using FileStream stream = RegularFile.OpenRead(file, 1 << 18);
            long length = stream.Length;
            long records = length / RecordBytes;
            if (length == 0 || length % RecordBytes != 0 || records > MaxRecords)
            {
                throw new InputException(
                    file,
                    length % RecordBytes != 0 && records <= MaxRecords ? $"record {records + 1} at byte {records * RecordBytes}" : string.Empty,
                    length == 0 ? "the file is empty" : $"a file of {length} bytes",
                    $"whole records of {RecordBytes} bytes, 1 to {MaxRecords} of them");
            }

            byte[] record = new byte[RecordBytes];
            for (long i = 0; i < records; i++)
            {
                if (stream.ReadAtLeast(record, RecordBytes, throwOnEndOfStream: false) < RecordBytes)
                {
                    throw new InputException(file, $"record {i + 1} at byte {i * RecordBytes}", "the file became shorter while it was read", "a file that nobody writes to");
                }

                byte label = record[layout.LabelAt];
                if (label >= Classes)
                {
                    throw new InputException(file, $"record {i + 1} at byte {i * RecordBytes}", $"label {label}", $"0 to {Classes - 1}");
                }

                take(label, record.AsSpan(layout.LabelBytes));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputFiles.Unreadable(file, e, $"a file of records of {RecordBytes} bytes");
        }
    }

    private static byte[] ChannelsLast(ReadOnlySpan<byte> planes)
    {
        const int area = Side * Side;
        byte[] image = new byte[PixelBytes];
        for (int i = 0; i < area; i++)
        {
            for (int c = 0; c < Planes; c++)
            {
                image[(i * Planes) + c] = planes[(c * area) + i];
            }
        }

        return image;
    }

    private delegate void RecordAction(byte label, ReadOnlySpan<byte> planes);
}
