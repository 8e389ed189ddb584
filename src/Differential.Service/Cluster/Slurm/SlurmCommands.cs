using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Differential.Core;

namespace Differential.Service.Cluster.Slurm;

/// <summary>Slurm's own commands, found on the path. Slurm is asked what it knows; what a job has done is the files' to say.</summary>
/// <param name="limit">How long a command may take.</param>
internal sealed class SlurmCommands(TimeSpan limit)
{
    /// <summary>MaxArraySize where Slurm is not asked: its own default.</summary>
    public const int DefaultMaxArraySize = 1001;

    /// <summary>States in which a job is over, as squeue names them.</summary>
    private static readonly HashSet<string> Over =
    [
        "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT",
    ];

    /// <summary>Hands a script in.</summary>
    /// <param name="arguments">All that follows <c>sbatch</c>, <c>--parsable</c> among it.</param>
    /// <returns>The job's id.</returns>
    /// <exception cref="SlurmException">sbatch refuses.</exception>
    /// <exception cref="InputException">There is no sbatch.</exception>
    public string Submit(IReadOnlyList<string> arguments)
    {
        Answer answer = Run("sbatch", arguments);
        string id = answer.Output.Trim().Split('\n')[^1].Split(';')[0].Trim();
        return answer.Status == 0 && id.Length > 0 && id.All(char.IsAsciiDigit) ? id : throw new SlurmException("sbatch", answer);
    }

    /// <summary>The ids of the jobs of a name, arrays by the id of the whole, those that ended lately as well; oldest first.</summary>
    /// <exception cref="SlurmException">squeue does not answer.</exception>
    public IReadOnlyList<string> Named(string name)
    {
        Answer answer = Run("squeue", ["--noheader", "--states=all", $"--name={name}", "--format=%F"]);
        return answer.Status == 0
            ? [.. answer.Lines.Distinct().Where(id => id.All(char.IsAsciiDigit)).OrderBy(id => id.Length).ThenBy(id => id, StringComparer.Ordinal)]
            : throw new SlurmException("squeue", answer);
    }

    /// <summary>The jobs and elements of arrays that Slurm still knows of, by the ids of the wholes.</summary>
    /// <exception cref="SlurmException">squeue does not answer.</exception>
    public IReadOnlyList<SlurmElement> Elements(IReadOnlyList<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0)
        {
            return [];
        }

        Answer answer = Run("squeue", ["--noheader", "--array", "--states=all", $"--jobs={string.Join(',', ids)}", "--format=%i|%T|%R"]);

        // Of a single id that it has forgotten squeue says that it is invalid.
        return answer.Status == 0 || answer.Error.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase)
            ? [.. answer.Lines.Select(Parse).OfType<SlurmElement>()]
            : throw new SlurmException("squeue", answer);
    }

    /// <summary>Cancels jobs; of those that are over nothing is said.</summary>
    /// <exception cref="SlurmException">scancel refuses.</exception>
    public void Cancel(IReadOnlyList<string> ids)
    {
        Answer answer = Run("scancel", ids);
        if (answer.Status != 0 && !answer.Error.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase))
        {
            throw new SlurmException("scancel", answer);
        }
    }

    /// <summary>One more than the largest index of an array that Slurm takes; its default where it does not tell.</summary>
    public int MaxArraySize()
    {
        try
        {
            Answer answer = Run("scontrol", ["show", "config"]);
            string? line = answer.Lines.FirstOrDefault(l => l.StartsWith("MaxArraySize", StringComparison.Ordinal));
            return int.TryParse(line?.Split('=')[^1], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int size) && size > 1
                ? size
                : DefaultMaxArraySize;
        }
        catch (Exception exception) when (exception is InputException or SlurmException)
        {
            return DefaultMaxArraySize;
        }
    }

    // 123_7|RUNNING|n2, or 124|PENDING|(Dependency).
    private static SlurmElement? Parse(string line)
    {
        string[] fields = line.Split('|', 3);
        string[] id = fields[0].Split('_');
        return fields.Length == 3 && (id.Length == 1 || int.TryParse(id[1], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? new SlurmElement(id[0], id.Length == 1 ? null : int.Parse(id[1], CultureInfo.InvariantCulture), fields[1], fields[2].Trim(), Over.Contains(fields[1]))
            : null;
    }

    private Answer Run(string command, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };

        // A user's own formats and filters are for their eyes.
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("SQUEUE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(limit))
            {
                process.Kill(entireProcessTree: true);
                throw new SlurmException($"{command} did not answer within {limit.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s");
            }

            return new Answer(process.ExitCode, output.Result, error.Result);
        }
        catch (Win32Exception)
        {
            throw new InputException("arguments", "slurm", $"no '{command}' on the path", "allowed: a machine with Slurm's commands; --print needs none");
        }
    }

    /// <summary>What a command said.</summary>
    internal sealed record Answer(int Status, string Output, string Error)
    {
        public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}

/// <summary>A job, or an element of an array, as Slurm sees it.</summary>
/// <param name="Id">The job's, or the whole array's.</param>
/// <param name="Index">The element's; null where the job is no array.</param>
/// <param name="State">Slurm's word: <c>PENDING</c>, <c>RUNNING</c>, …</param>
/// <param name="Reason">Why it waits, in brackets, or its node.</param>
/// <param name="IsOver">Whether it will not run any more.</param>
internal sealed record SlurmElement(string Id, int? Index, string State, string Reason, bool IsOver)
{
    /// <summary>State with reason or node, where there is one.</summary>
    public string Text => Reason.Length == 0 || Reason == "(None)" || IsOver ? State
        : Reason.StartsWith('(') ? $"{State} {Reason}" : $"{State} ({Reason})";
}

/// <summary>A command of Slurm's refused, or did not answer.</summary>
internal sealed class SlurmException : Exception
{
    public SlurmException(string message)
        : base(message)
    {
    }

    public SlurmException(string command, SlurmCommands.Answer answer)
        : base($"{command} ended with {answer.Status}: {Said(answer)}")
    {
    }

    private static string Said(SlurmCommands.Answer answer) => (answer.Error.Trim().Length > 0 ? answer.Error : answer.Output).Trim().ReplaceLineEndings("; ") is { Length: > 0 } text ? text : "without a word";
}
