using System.Globalization;
using System.Text;

namespace Differential.Core.Data;

/// <summary>The different labels of a file of points, in the order in which they come.</summary>
internal sealed class PointLabels
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<int> _lines = [];
    private readonly List<string> _shown = [];

    /// <summary>The labels, numbers in one form: "1" for "+1", "1.0" and "1e0".</summary>
    public IReadOnlyCollection<string> Names => _numbers.Keys;

    /// <summary>The number of a label; null where there are too many different ones.</summary>
    /// <param name="field">The label as it is written.</param>
    /// <param name="line">Where, for messages.</param>
    public int? Add(ReadOnlySpan<byte> field, int line)
    {
        string text = Encoding.UTF8.GetString(field);
        string name = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? (value == 0 ? 0 : value).ToString("R", CultureInfo.InvariantCulture)
            : text;
        if (_numbers.TryGetValue(name, out int number))
        {
            return number;
        }

        if (_numbers.Count == RecordLabels.MaxNames)
        {
            return null;
        }

        _numbers.Add(name, _numbers.Count);
        _lines.Add(line);
        _shown.Add(PointsFile.Text(field));
        return _numbers.Count - 1;
    }

    /// <summary>The label of each class number in the job; null for a label that is left out.</summary>
    /// <param name="options">Which classes the job takes.</param>
    /// <param name="file">For messages.</param>
    /// <param name="convention">Of the training file; null for the training file itself. Set to what the file's labels are.</param>
    /// <exception cref="InputException">A label that is none of the classes, or a class without points.</exception>
    public sbyte?[] Resolve(PointsOptions options, string file, ref PointConvention? convention)
    {
        string[] names = [.. _numbers.Keys];
        string[] wanted = options.Wanted() ?? (options.ClassCount > 2 ? [.. Enumerable.Range(0, options.ClassCount).Select(static i => i.ToString(CultureInfo.InvariantCulture))] : []);
        if (wanted.Length == 0)
        {
            convention ??= names.Contains("-1") || !names.Contains("0") ? PointConvention.Signs : PointConvention.Bits;
            wanted = convention == PointConvention.Signs ? ["1", "-1"] : ["1", "0"];
        }

        bool strict = options.Wanted() is null;
        var labels = new sbyte?[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            int side = Array.IndexOf(wanted, names[i]);
            if (side < 0 && strict)
            {
                throw new InputException(
                    file,
                    string.Create(CultureInfo.InvariantCulture, $"line {_lines[i]}, column 1"),
                    $"the label \"{_shown[i]}\"",
                    options.ClassCount > 2 ? $"a whole number from 0 to {options.ClassCount - 1}"
                        : $"{(convention == PointConvention.Signs ? "+1 or -1" : "1 or 0")}; other labels where positive and negative, or classes, name them");
            }

            labels[i] = side < 0 ? null : ClassRoom.LabelOf(side, wanted.Length);
        }

        string[] missing = [.. wanted.Where(name => !_numbers.ContainsKey(name))];
        if (missing.Length > 0)
        {
            throw wanted.Length == 2 && missing.Length == 1 && strict
                ? new InputException(file, string.Empty, $"only points of the label {Shown(wanted.First(name => name != missing[0]), convention)}", "points of both classes")
                : new InputException(
                    file,
                    string.Empty,
                    $"no points of the label {missing[0]}",
                    $"{(wanted.Length == 2 ? "points of both classes" : $"points of each of the {wanted.Length} classes")}; its labels are {string.Join(", ", _shown.Take(10))}{(_shown.Count > 10 ? ", …" : string.Empty)}");
        }

        return labels;
    }

    /// <summary>What a class is called: with its sign where the labels are signs.</summary>
    public static string Shown(string name, PointConvention? convention) => convention == PointConvention.Signs && name == "1" ? "+1" : name;
}

/// <summary>How the labels of two classes are written.</summary>
internal enum PointConvention
{
    /// <summary>+1 and −1.</summary>
    Signs,

    /// <summary>1 and 0.</summary>
    Bits,
}
