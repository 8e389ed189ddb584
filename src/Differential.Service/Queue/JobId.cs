using System.Text;

namespace Differential.Service.Queue;

/// <summary>Ids of jobs: what their files and folders are called.</summary>
public static class JobId
{
    private const int LongestStem = 100;

    /// <summary>An id from a name: letters, digits, '.', '_' and '-' stay, all else becomes '-'; never empty, hidden or too long.</summary>
    public static string From(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var id = new StringBuilder(Math.Min(name.Length, LongestStem));
        foreach (char c in name)
        {
            if (id.Length == LongestStem)
            {
                break;
            }

            id.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-');
        }

        string text = id.ToString().TrimStart('.').TrimEnd('.');
        return text.Length == 0 ? "job" : text;
    }

    /// <summary>Whether a text can be the id of a job at all; anything else can't reach outside the root's folders.</summary>
    public static bool IsValid(string id) =>
        !string.IsNullOrEmpty(id)
        && id.Length <= LongestStem + 20
        && id[0] != '.'
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>The n-th choice for a stem: the stem itself, then stem-2, stem-3, …</summary>
    public static string Choice(string stem, int n) => n == 1 ? stem : $"{stem}-{n}";
}
