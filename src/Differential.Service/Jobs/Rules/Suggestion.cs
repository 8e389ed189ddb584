namespace Differential.Service.Jobs.Rules;

/// <summary>"did you mean" for a name with a typing mistake.</summary>
internal static class Suggestion
{
    private const int LongestName = 64;

    /// <summary>" (did you mean 'x'?)", or nothing where no name is near.</summary>
    public static string For(string found, IEnumerable<string> names)
    {
        if (found.Length > LongestName)
        {
            return string.Empty;
        }

        string? nearest = names.MinBy(name => Distance(found, name));
        return nearest is not null && Distance(found, nearest) <= Math.Max(1, nearest.Length / 3)
            ? $" (did you mean '{nearest}'?)"
            : string.Empty;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours between two names, whatever their case.</summary>
    private static int Distance(string first, string second)
    {
        string a = first.ToUpperInvariant();
        string b = second.ToUpperInvariant();
        var cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
