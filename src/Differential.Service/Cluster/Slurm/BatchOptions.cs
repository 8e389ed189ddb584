using Differential.Core;

namespace Differential.Service.Cluster.Slurm;

/// <summary>What a user hands on to sbatch.</summary>
internal static class BatchOptions
{
    /// <summary>Options that would break what is built on them: name and what it is for.</summary>
    private static readonly (string Long, char Short, string Reason)[] Own =
    [
        ("--array", 'a', "the sweep's jobs are the array"),
        ("--job-name", 'J', "the array is found again by its name"),
        ("--wrap", '\0', "the script is the sweep's"),
        ("--wait", 'W', "the job that collects is handed in behind the array"),
        ("--test-only", '\0', "use --print to see what would be handed in"),
        ("--parsable", '\0', "it is given already"),
    ];

    /// <summary>Refuses what the sweep sets itself.</summary>
    /// <exception cref="InputException">Such an option is there.</exception>
    public static void Check(IReadOnlyList<string> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (string option in options)
        {
            foreach ((string name, char letter, string reason) in Own)
            {
                bool isLong = option == name || option.StartsWith(name + "=", StringComparison.Ordinal);
                bool isShort = letter != '\0' && option.Length > 1 && option[0] == '-' && option[1] == letter;
                if (isLong || isShort)
                {
                    throw new InputException("arguments", "--", $"'{option}' for sbatch: {reason}", $"allowed: every option of sbatch but {string.Join(", ", Own.Select(o => o.Long))}");
                }
            }
        }
    }

    /// <summary>Whether GPUs are asked for.</summary>
    public static bool AskForGpus(IReadOnlyList<string> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        for (int i = 0; i < options.Count; i++)
        {
            string option = options[i];
            string value = option.Contains('=', StringComparison.Ordinal) ? option[(option.IndexOf('=', StringComparison.Ordinal) + 1)..] : i + 1 < options.Count ? options[i + 1] : string.Empty;
            if (option.StartsWith("--gpus", StringComparison.Ordinal)
                || option.StartsWith("-G", StringComparison.Ordinal)
                || (option.StartsWith("--gres", StringComparison.Ordinal) && value.Contains("gpu", StringComparison.OrdinalIgnoreCase))
                || (option.StartsWith("--tres-per-", StringComparison.Ordinal) && value.Contains("gpu", StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }
}
