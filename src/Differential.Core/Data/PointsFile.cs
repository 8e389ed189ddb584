using System.Globalization;
using System.Text;
using Differential.Core.Files;

namespace Differential.Core.Data;

/// <summary>
/// A text file of points: the label, then the features, separated by commas, semicolons or tabs. A first line of names is a header; a
/// column that it calls label, class or target holds the labels wherever it stands. Blank lines and lines that start with '#' are passed over; lines
/// end with LF or CRLF.
/// </summary>
internal sealed class PointsFile
{
    private const int MaxFeatures = 100_000;
    private const int MaxValues = 1 << 28;

    private static readonly string[] LabelNames = ["label", "class", "target"];

    private readonly string _file;
    private readonly List<int> _numbers = [];
    private readonly List<float> _features = [];
    private readonly PointLabels _labels = new();
    private readonly IReadOnlyList<double>? _bounds;
    private int? _dimension;
    private byte? _separator;
    private int _labelColumn = 1;

    private PointsFile(string file, int? dimension, IReadOnlyList<double>? bounds) => (_file, _dimension, _bounds) = (file, dimension, bounds);

    /// <param name="file">The file.</param>
    /// <param name="options">Which classes are taken, and the box that values must lie in.</param>
    /// <param name="dimension">How many features a point must have; null: as many as the first.</param>
    /// <param name="convention">How labels are written, as the training file told; null for the training file itself, and set then.</param>
    /// <exception cref="InputException">The file is missing, empty or broken, or has no point of a class.</exception>
    internal static Dataset Read(string file, PointsOptions options, int? dimension, ref PointConvention? convention)
    {
        PointsFile points = new(file, dimension, options.Bounds);
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

        return points.ToDataset(options, ref convention);
    }

    private void Add(ReadOnlySpan<byte> line, int number)
    {
        ReadOnlySpan<byte> rest = line.Trim((byte)' ');
        if (rest.IsEmpty || rest[0] == (byte)'#')
        {
            return;
        }

        if (_separator is null)
        {
            _separator = DelimitedLine.Separator(rest);
            if (IsHeader(rest))
            {
                return;
            }
        }

        int column = 0;
        int features = 0;
        int? label = null;
        bool isLast;
        do
        {
            ReadOnlySpan<byte> field = DelimitedLine.Next(ref rest, _separator.Value, out isLast, out string? mistake);
            column++;
            if (mistake is not null)
            {
                throw Error($"line {number}, column {column}", mistake, "quotes around a whole field");
            }

            if (column == _labelColumn)
            {
                label = Label(field, number, column);
            }
            else
            {
                features++;
                AddFeature(field, number, column);
            }
        }
        while (!isLast);

        _dimension ??= features;
        if (features != _dimension || features == 0)
        {
            throw Error($"line {number}", $"{features} features", features == 0 ? "at least one, separated by commas, semicolons or tabs" : $"{_dimension}, as the points before or of the training file have");
        }

        _numbers.Add(label ?? throw Error($"line {number}", "no label", $"a label in column {_labelColumn}"));
    }

    /// <summary>Whether the first line is of names: no field of it is empty or a number.</summary>
    private bool IsHeader(ReadOnlySpan<byte> line)
    {
        List<string> names = [];
        bool isLast;
        do
        {
            ReadOnlySpan<byte> field = DelimitedLine.Next(ref line, _separator!.Value, out isLast, out string? mistake);
            if (mistake is not null || field.IsEmpty || double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _) || names.Count > MaxFeatures)
            {
                return false;
            }

            names.Add(Encoding.UTF8.GetString(field));
        }
        while (!isLast);

        int found = LabelNames.Select(name => names.FindIndex(other => other.Equals(name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(static i => i >= 0, 0);
        _labelColumn = found + 1;
        return names.Count > 1;
    }

    private int Label(ReadOnlySpan<byte> field, int number, int column) => field.IsEmpty
        ? throw Error($"line {number}, column {column}", "the label \"\"", "a label")
        : _labels.Add(field, number) ?? throw Error($"line {number}, column {column}", $"more than {RecordLabels.MaxNames} different labels", "the label in the first column, or in one that a header calls label");

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
            throw Error($"line {number}, column {column}", $"\"{Text(field)}\", which is no number", field.Contains((byte)',') ? "a finite number with a point, not a comma" : "a finite number");
        }

        if (!float.IsFinite(value))
        {
            bool isDigits = field.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0;
            throw Error(
                $"line {number}, column {column}",
                isDigits ? $"\"{Text(field)}\", beyond the range of float32" : $"\"{Text(field)}\"",
                "a finite number of at most 3.4028235E+38");
        }

        if (_bounds is not null && (value < (float)_bounds[0] || value > (float)_bounds[1]))
        {
            throw Error($"line {number}, column {column}", $"\"{Text(field)}\"", string.Create(CultureInfo.InvariantCulture, $"a number from {_bounds[0]} to {_bounds[1]} (bounds)"));
        }

        _features.Add(value);
    }

    private Dataset ToDataset(PointsOptions options, ref PointConvention? convention)
    {
        if (_numbers.Count == 0)
        {
            throw Error(string.Empty, "no points", "lines of a label and features");
        }

        sbyte?[] sides = _labels.Resolve(options, _file, ref convention);
        int length = _dimension!.Value;
        int[] taken = [.. Enumerable.Range(0, _numbers.Count).Where(i => sides[_numbers[i]] is not null)];
        float[] features = taken.Length == _numbers.Count ? [.. _features] : new float[taken.Length * length];
        for (int i = 0; taken.Length < _numbers.Count && i < taken.Length; i++)
        {
            _features.CopyTo(taken[i] * length, features, i * length, length);
        }

        var points = Dataset.OfPoints(length, [.. taken.Select(i => sides[_numbers[i]]!.Value)], features, options.ClassCount);
        return _bounds is null ? points : points.WithBounds((float)_bounds[0], (float)_bounds[1]);
    }

    private InputException Error(string place, string found, string allowed) => new(_file, place, found, allowed);

    /// <summary>A field as a message shows it: at most 40 bytes, printable ASCII.</summary>
    internal static string Text(ReadOnlySpan<byte> field)
    {
        StringBuilder text = new();
        foreach (byte b in field[..Math.Min(field.Length, 40)])
        {
            text.Append(b is >= 0x20 and < 0x7F ? (char)b : '?');
        }

        return field.Length > 40 ? text.Append('…').ToString() : text.ToString();
    }
}
