using System.Globalization;
using System.Text;
using Differential.Core.Files;

namespace Differential.Core.Data;

/// <summary>
/// A CSV file of points without a header: the label (+1 or −1; of more classes their numbers from 0), then the features. Blank lines and lines that start with
/// '#' are passed over; lines end with LF or CRLF.
/// </summary>
internal sealed class PointsFile
{
    private const int MaxFeatures = 100_000;
    private const int MaxValues = 1 << 28;

    private readonly string _file;
    private readonly int _classes;
    private readonly List<sbyte> _labels = [];
    private readonly List<float> _features = [];
    private int? _dimension;

    private PointsFile(string file, int? dimension, int classes)
    {
        _file = file;
        _classes = classes;
        _dimension = dimension;
    }

    /// <param name="file">The file.</param>
    /// <param name="dimension">How many features a point must have; null: as many as the first.</param>
    /// <param name="classes">Number of classes.</param>
    /// <exception cref="InputException">The file is missing, empty or broken, or has no point of a class.</exception>
    internal static Dataset Read(string file, int? dimension, int classes = 2)
    {
        PointsFile points = new(file, dimension, classes);
        try
        {
            using FileStream stream = RegularFile.OpenRead(file, 1);
            using LineReader lines = new(stream, file);
            while (lines.Next(out ReadOnlySpan<byte> line))
            {
                points.Add(line, lines.Number);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputFiles.Unreadable(file, e, "a CSV file of points");
        }

        return points.ToDataset();
    }

    private void Add(ReadOnlySpan<byte> line, int number)
    {
        ReadOnlySpan<byte> rest = line.Trim((byte)' ');
        if (rest.IsEmpty || rest[0] == (byte)'#')
        {
            return;
        }

        int column = 0;
        while (true)
        {
            int comma = rest.IndexOf((byte)',');
            ReadOnlySpan<byte> field = comma < 0 ? rest : rest[..comma];
            column++;
            if (column == 1)
            {
                _labels.Add(Label(field, number));
            }
            else
            {
                AddFeature(field, number, column);
            }

            if (comma < 0)
            {
                break;
            }

            rest = rest[(comma + 1)..];
        }

        int features = column - 1;
        _dimension ??= features;
        if (features != _dimension || features == 0)
        {
            throw Error($"line {number}", $"{features} features", features == 0 ? "at least one" : $"{_dimension}, as the points before or of the training file have");
        }
    }

    private sbyte Label(ReadOnlySpan<byte> field, int number) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double label) && IsLabel(label)
            ? (sbyte)label
            : throw Error($"line {number}, column 1", $"the label \"{Text(field)}\"", _classes == 2 ? "+1 or -1" : $"a whole number from 0 to {_classes - 1}");

    private bool IsLabel(double label) => _classes == 2 ? label is 1 or -1 : label >= 0 && label < _classes && label == Math.Floor(label);

    private void AddFeature(ReadOnlySpan<byte> field, int number, int column)
    {
        if (column - 1 > MaxFeatures)
        {
            throw Error($"line {number}, column {column}", "too many columns", $"at most {MaxFeatures} features");
        }

        if (_features.Count == MaxValues)
        {
            throw Error($"line {number}, column {column}", "too many values", $"at most {MaxValues} in a file");
        }

        if (!float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
        {
            throw Error($"line {number}, column {column}", $"\"{Text(field)}\", which is no number", "a finite number");
        }

        if (!float.IsFinite(value))
        {
            bool isDigits = field.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0;
            throw Error(
                $"line {number}, column {column}",
                isDigits ? $"\"{Text(field)}\", beyond the range of float32" : $"\"{Text(field)}\"",
                "a finite number of at most 3.4028235E+38");
        }

        _features.Add(value);
    }

    private Dataset ToDataset()
    {
        if (_labels.Count == 0)
        {
            throw Error(string.Empty, "no points", "lines of a label and features");
        }

        for (sbyte label = 0; _classes > 2 && label < _classes; label++)
        {
            if (!_labels.Contains(label))
            {
                throw Error(string.Empty, $"no points of the label {label}", $"points of each of the {_classes} classes");
            }
        }

        return _classes > 2 || (_labels.Contains(1) && _labels.Contains(-1))
            ? Dataset.OfPoints(_dimension!.Value, [.. _labels], [.. _features], _classes)
            : throw Error(string.Empty, $"only points of the label {(_labels[0] > 0 ? "+1" : "-1")}", "points of both classes");
    }

    private InputException Error(string place, string found, string allowed) => new(_file, place, found, allowed);

    /// <summary>A field as a message shows it: at most 40 bytes, printable ASCII.</summary>
    private static string Text(ReadOnlySpan<byte> field)
    {
        StringBuilder text = new();
        foreach (byte b in field[..Math.Min(field.Length, 40)])
        {
            text.Append(b is >= 0x20 and < 0x7F ? (char)b : '?');
        }

        return field.Length > 40 ? text.Append('…').ToString() : text.ToString();
    }
}
