using System.Globalization;

namespace Differential.Core.Data;

/// <summary>The labels of the records of a file.</summary>
/// <param name="Numbers">Of each record, its class's number.</param>
/// <param name="Names">Of each class.</param>
internal sealed record RecordLabels(int[] Numbers, IReadOnlyList<string> Names)
{
    /// <summary>Most different labels of a file.</summary>
    public const int MaxNames = 10_000;

    /// <summary>Labels that are whole numbers: each that occurs names a class, in their order.</summary>
    /// <param name="labels">Of each record.</param>
    /// <param name="file">For messages.</param>
    /// <param name="others">Labels of a file beside this one, which name classes too.</param>
    /// <exception cref="InputException">There are too many different ones.</exception>
    public static RecordLabels Of(IReadOnlyList<long> labels, string file, IReadOnlyList<long>? others = null)
    {
        SortedSet<long> values = [.. labels, .. others ?? []];
        if (values.Count > MaxNames)
        {
            throw new InputException(file, string.Empty, $"{values.Count} different labels", $"at most {MaxNames}");
        }

        Dictionary<long, int> numbers = values.Select((value, i) => (value, i)).ToDictionary(pair => pair.value, pair => pair.i);
        return new RecordLabels([.. labels.Select(label => numbers[label])], [.. values.Select(value => value.ToString(CultureInfo.InvariantCulture))]);
    }
}
