using System.Globalization;
using System.Text.Json;
using Differential.Core.Files;
using Differential.Kernels.Devices;
using Parquet.Schema;

namespace Differential.Core.Data;

/// <summary>The records of a split in one Parquet file or several.</summary>
/// <param name="files">The files, in their order.</param>
/// <param name="options">Names of the columns.</param>
/// <param name="form">What becomes of images.</param>
internal sealed class ParquetFiles(IReadOnlyList<string> files, ParquetOptions options, ImageForm form)
{
    private const string Huggingface = "huggingface";

    /// <summary>The files of each split.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="testPath">The same of the test records; null where path tells.</param>
    /// <exception cref="InputException">There are none.</exception>
    public static (IReadOnlyList<string> Train, IReadOnlyList<string> Test) Find(string path, string? testPath)
    {
        string[] all = In(path);
        if (testPath is not null)
        {
            return (all, In(testPath));
        }

        if (!Directory.Exists(path))
        {
            return (all, []);
        }

        string[] train = [.. all.Where(file => !IsOf(file, "test") && !IsOf(file, "validation"))];
        return train.Length > 0
            ? (train, [.. all.Where(file => IsOf(file, "test"))])
            : throw new InputException(path, string.Empty, "no .parquet file of training records", "files that are not all named test* or validation*");

        static bool IsOf(string file, string split) => Path.GetFileName(file).StartsWith(split, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The labels, and what reads the samples.</summary>
    /// <exception cref="InputException">A column is missing, or a file is broken.</exception>
    public RecordSource Read()
    {
        List<long> labels = [];
        SortedDictionary<string, long> texts = new(StringComparer.Ordinal);
        List<string?> textual = [];
        IReadOnlyList<string>? names = null;
        bool isImages = false;
        foreach (string file in files)
        {
            using var table = new ParquetTable(file);
            DataField column = table.Column(options.Label) ?? throw Missing(table, file, options.Label);
            isImages = options.Features is null && ImageColumn(table) is not null;
            if (!isImages)
            {
                FeatureColumns(table, file);
            }

            names ??= NamesOf(table);
            for (int group = 0; group < table.Rows.Count; group++)
            {
                if (ParquetTable.IsText(column))
                {
                    textual.AddRange(table.Texts(group, column));
                }
                else
                {
                    labels.AddRange(Whole(table.Numbers(group, column, out _), labels.Count, file));
                }
            }
        }

        if (textual.Count > 0)
        {
            (labels, names) = Numbered(textual);
        }

        return new RecordSource(files[0], labels, isImages ? ReadImages : ReadPoints) { Names = names };

        (List<long>, IReadOnlyList<string>) Numbered(List<string?> all)
        {
            foreach (string? text in all)
            {
                if (texts.TryAdd(text ?? throw new InputException(files[0], $"column {options.Label}", "a row without a label", "a label in each row"), 0) && texts.Count > RecordLabels.MaxNames)
                {
                    throw new InputException(files[0], $"column {options.Label}", $"more than {RecordLabels.MaxNames} different labels", $"at most {RecordLabels.MaxNames}");
                }
            }

            string[] sorted = [.. texts.Keys];
            return ([.. all.Select(text => (long)Array.BinarySearch(sorted, text!, StringComparer.Ordinal))], sorted);
        }
    }

    private RecordSink ReadImages(RecordPlan plan, int classes)
    {
        RecordSink? sink = null;
        try
        {
            ForEachGroup((table, file, group, first) =>
            {
                byte[]?[] images = table.Bytes(group, ImageColumn(table) ?? throw Missing(table, file, options.Image));
                int[] taken = [.. Enumerable.Range(0, images.Length).Where(i => plan.Target(first + i) != RecordTarget.LeftOut)];
                foreach (int i in taken.Where(i => images[i] is null))
                {
                    throw new InputException(file, Row(first + i), "no image", "an image in each row");
                }

                if (taken.Length == 0)
                {
                    return;
                }

                form.Begin(images[taken[0]]!, file, Row(first + taken[0]));
                sink ??= new RecordSink(plan, form.Shape, classes, file);
                OrderedDecoding.ForEach(taken.Length, i => form.Pixels(images[taken[i]]!, file, Row(first + taken[i])), (i, pixels) => sink.Add(first + taken[i], pixels));
            });
            return sink!;
        }
        catch
        {
            sink?.Dispose();
            throw;
        }
    }

    private RecordSink ReadPoints(RecordPlan plan, int classes)
    {
        RecordSink? sink = null;
        int dimension = 0;
        ForEachGroup((table, file, group, first) =>
        {
            int rows = table.Rows[group];
            List<float>[] points = [.. Enumerable.Range(0, rows).Select(_ => new List<float>(dimension))];
            foreach (DataField column in FeatureColumns(table, file))
            {
                double[] values = table.Numbers(group, column, out bool[]? starts);
                int row = -1;
                for (int i = 0; i < values.Length; i++)
                {
                    row += starts is null || starts[i] ? 1 : 0;
                    points[Math.Min(row, rows - 1)].Add(float.IsFinite((float)values[i])
                        ? (float)values[i]
                        : throw new InputException(file, $"{Row(first + row)}, column {column.Path}", "a value that is no finite float32", "finite numbers of at most 3.4028235E+38"));
                }
            }

            for (int row = 0; row < rows; row++)
            {
                dimension = dimension == 0 ? points[row].Count : dimension;
                if (points[row].Count != dimension || dimension == 0)
                {
                    throw new InputException(file, Row(first + row), $"{points[row].Count} features", dimension == 0 ? "at least one" : $"{dimension}, as the rows before have");
                }

                sink ??= new RecordSink(plan, new Shape(dimension), classes, file);
                sink.Add(first + row, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(points[row]));
            }
        });
        return sink!;
    }

    private void ForEachGroup(Action<ParquetTable, string, int, int> visit)
    {
        int first = 0;
        foreach (string file in files)
        {
            using var table = new ParquetTable(file);
            for (int group = 0; group < table.Rows.Count; first += table.Rows[group], group++)
            {
                visit(table, file, group, first);
            }
        }
    }

    private DataField? ImageColumn(ParquetTable table) =>
        new[] { table.Column(options.Image, "bytes"), table.Column(options.Image) }.FirstOrDefault(column => column is not null && ParquetTable.IsBytes(column));

    private List<DataField> FeatureColumns(ParquetTable table, string file)
    {
        List<DataField> columns = [];
        foreach (string name in options.Features ?? ["features"])
        {
            DataField[] found = [.. table.Columns.Where(column => column.Path.FirstPart == name && ParquetTable.IsNumeric(column) && column.MaxRepetitionLevel <= 1)];
            columns.AddRange(found.Length == 1 ? found : throw (options.Features is null
                ? new InputException(file, "schema", $"no column {options.Image} of images", $"{options.Image}.bytes, or \"features\": the names of numeric columns; there are {Names(table)}")
                : Missing(table, file, name)));
        }

        return columns;
    }

    private static InputException Missing(ParquetTable table, string file, string column) =>
        new(file, "schema", $"no column {column} of the right type", $"one of {Names(table)}");

    private static string Names(ParquetTable table) => string.Join(", ", table.Columns.Select(column => string.Join('.', column.Path.ToList())).Take(20));

    private static string Row(int record) => string.Create(CultureInfo.InvariantCulture, $"row {record + 1}");

    private IEnumerable<long> Whole(double[] values, int first, string file) => values.Select((value, i) => Math.Abs(value) <= int.MaxValue && value == Math.Floor(value)
        ? (long)value
        : throw new InputException(file, $"{Row(first + i)}, column {options.Label}", string.Create(CultureInfo.InvariantCulture, $"the label {value}"), "whole numbers"));

    /// <summary>The names of the classes, where the file describes its label column as Hugging Face does.</summary>
    private IReadOnlyList<string>? NamesOf(ParquetTable table)
    {
        try
        {
            using JsonDocument? about = table.Metadata(Huggingface) is { } text ? JsonDocument.Parse(text) : null;
            return about is not null
                && about.RootElement.TryGetProperty("info", out JsonElement info)
                && info.TryGetProperty("features", out JsonElement features)
                && features.TryGetProperty(options.Label, out JsonElement label)
                && label.TryGetProperty("names", out JsonElement names)
                && names.GetArrayLength() is > 1 and <= RecordLabels.MaxNames
                    ? [.. names.EnumerateArray().Select(static name => name.GetString() ?? string.Empty)]
                    : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Only names: the numbers do without.
            return null;
        }
    }

    private static string[] In(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        try
        {
            string[] found = [.. Directory.EnumerateFiles(path, "*.parquet").OrderBy(Path.GetFileName, NaturalOrder.Instance)];
            return found.Length > 0 ? found : throw new InputException(path, string.Empty, "no .parquet file", "a folder with Parquet files");
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw InputFiles.Unreadable(path, exception, "a folder with Parquet files");
        }
    }
}
