using System.Text;
using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Data;

/// <summary>
/// A folder in CIFAR-10's binary format: <c>data_batch_1.bin</c> … <c>data_batch_5.bin</c> (those that are there) and
/// <c>test_batch.bin</c>, records of a label byte and 32 × 32 pixels as three planes (red, green, blue).
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="source">What messages about the options call them.</param>
internal sealed class Cifar10Folder(string folder, string source)
{
    private const int Side = 32;
    private const int Planes = 3;
    private const int PixelBytes = Side * Side * Planes;
    private const int RecordBytes = 1 + PixelBytes;
    private const int Classes = 10;
    private const int TrainFiles = 5;
    private const int MaxRecords = 100_000;
    private const int MaxNamesBytes = 1 << 16;

    private static readonly string[] StandardNames = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <exception cref="InputException">A class is unknown, or the folder or a file is missing or broken.</exception>
    internal DataSplits Load(Cifar10Options options)
    {
        if (!Directory.Exists(folder))
        {
            throw new InputException(folder, string.Empty, File.Exists(folder) ? "it is a file" : "there is no such folder", "a folder with data_batch_1.bin and test_batch.bin");
        }

        string[] names = ReadNames();
        int[] classes = options.Choose(names, source);

        string[] train = [.. Enumerable.Range(1, TrainFiles).Select(i => Path.Combine(folder, $"data_batch_{i}.bin")).Where(File.Exists)];
        if (train.Length == 0)
        {
            throw new InputException(folder, string.Empty, "no data_batch_1.bin to data_batch_5.bin", "at least one of them");
        }

        return new DataSplits(
            ReadSplit(train, classes, options.TrainLimit, names, "data_batch_*.bin"),
            ReadSplit([Path.Combine(folder, "test_batch.bin")], classes, options.TestLimit, names, "test_batch.bin"),
            [.. classes.Select(number => names[number])]);
    }

    private string[] ReadNames()
    {
        string file = Path.Combine(folder, "batches.meta.txt");
        if (!File.Exists(file))
        {
            return StandardNames;
        }

        try
        {
            if (new FileInfo(file).Length > MaxNamesBytes)
            {
                throw new InputException(file, string.Empty, "a file that is too long", $"ten names, at most {MaxNamesBytes} bytes");
            }

            string[] names = [.. Encoding.UTF8.GetString(RegularFile.ReadAllBytes(file, MaxNamesBytes)).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
            return names.Length == Classes && names.Distinct().Count() == Classes
                ? names
                : throw new InputException(file, string.Empty, $"{names.Distinct().Count()} different names in {names.Length} lines", "ten different names, one a line");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputFiles.Unreadable(file, e, "the names of the ten classes");
        }
    }

    /// <summary>
    /// The first samples in the files' order. Every record's label is checked, those of other classes and beyond the limit too.
    /// </summary>
    private Dataset ReadSplit(string[] files, int[] classes, int? limit, string[] names, string what)
    {
        var room = new ClassRoom(classes, limit);
        List<sbyte> labels = [];
        List<byte[]> images = [];
        foreach (string file in files)
        {
            ReadFile(file, (label, planes) =>
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

    private static void ReadFile(string file, RecordAction take)
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

                if (record[0] >= Classes)
                {
                    throw new InputException(file, $"record {i + 1} at byte {i * RecordBytes}", $"label {record[0]}", "0 to 9");
                }

                take(record[0], record.AsSpan(1));
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
