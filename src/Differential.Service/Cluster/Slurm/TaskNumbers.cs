using System.Globalization;

namespace Differential.Service.Cluster.Slurm;

/// <summary>Lists of numbers as Slurm writes them: <c>1-3,7,9-12</c>.</summary>
internal static class TaskNumbers
{
    /// <summary>The text of ascending numbers.</summary>
    public static string ToText(IReadOnlyList<int> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        var parts = new List<string>();
        for (int i = 0; i < numbers.Count;)
        {
            int first = i;
            while (i + 1 < numbers.Count && numbers[i + 1] == numbers[i] + 1)
            {
                i++;
            }

            parts.Add(first == i
                ? numbers[i].ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{numbers[first]}-{numbers[i]}"));
            i++;
        }

        return string.Join(',', parts);
    }

    /// <summary>The numbers of a text.</summary>
    /// <exception cref="FormatException">It is no such list.</exception>
    public static IReadOnlyList<int> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return
        [
            .. text.Split(',', StringSplitOptions.RemoveEmptyEntries).SelectMany(part =>
            {
                int[] ends = [.. part.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
                return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
            }),
        ];
    }
}
