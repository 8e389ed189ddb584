using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Core;
using Differential.Core.Files;
using Differential.Service.Jobs;

namespace Differential.Service.Cluster.Slurm;

/// <summary>A job that is handed in, or is about to be: its name is on disk before Slurm hears of it, so that it is found again by that.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Id">Slurm's; null until it is known.</param>
internal sealed record SubmittedJob(string Name, string? Id);

/// <summary>A job array.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Id">Slurm's; null until it is known.</param>
/// <param name="Offset">What is added to an element's index to get the number of the sweep's job.</param>
/// <param name="Indices">The elements.</param>
internal sealed record SubmittedArray(string Name, string? Id, int Offset, string Indices)
{
    /// <summary>The numbers of the sweep's jobs.</summary>
    [JsonIgnore]
    public IEnumerable<int> Tasks => TaskNumbers.Parse(Indices).Select(i => i + Offset);
}

/// <summary>One call of <c>differential slurm</c>: arrays, and the job behind them that collects.</summary>
/// <param name="Options">For sbatch.</param>
/// <param name="Parallel">Most jobs at a time; null for no limit.</param>
/// <param name="Arrays">One, where MaxArraySize lets it be one.</param>
/// <param name="Collect">The job that collects at the end.</param>
internal sealed record SubmissionRound(IReadOnlyList<string> Options, int? Parallel, IReadOnlyList<SubmittedArray> Arrays, SubmittedJob Collect)
{
    /// <summary>Whether Slurm has taken all of it, as far as is known.</summary>
    [JsonIgnore]
    public bool IsComplete => Collect.Id is not null && Arrays.All(a => a.Id is not null);

    /// <summary>The ids that are known, the collecting job's last.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Ids => [.. Arrays.Select(a => a.Id).Append(Collect.Id).OfType<string>()];

    /// <summary>Plans arrays for jobs.</summary>
    /// <param name="title">What their names begin with.</param>
    /// <param name="tasks">The jobs' numbers, ascending.</param>
    /// <param name="maxArraySize">One more than the largest index that Slurm takes.</param>
    /// <param name="parallel">Most jobs at a time.</param>
    /// <param name="options">For sbatch.</param>
    public static SubmissionRound Plan(string title, IReadOnlyList<int> tasks, int maxArraySize, int? parallel, IReadOnlyList<string> options)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        string name = $"{title}-{Guid.NewGuid().ToString("N")[..8]}";
        int most = maxArraySize - 1;
        SubmittedArray[] arrays =
        [
            .. tasks.GroupBy(task => (task - 1) / most).Select((group, i) => new SubmittedArray(
                string.Create(CultureInfo.InvariantCulture, $"{name}{(i == 0 ? string.Empty : $"-{i + 1}")}"), null, group.Key * most, TaskNumbers.ToText([.. group.Select(task => task - (group.Key * most))]))),
        ];
        return new SubmissionRound(options, parallel, arrays, new SubmittedJob($"{name}-collect", null));
    }
}

/// <summary>What of a sweep was handed in to Slurm: <c>slurm/submission.json</c>.</summary>
/// <param name="Sweep">The sweep's id.</param>
/// <param name="Rounds">Each call that handed something in, the latest last.</param>
internal sealed record Submission(string Sweep, IReadOnlyList<SubmissionRound> Rounds)
{
    private const string Name = "submission.json";

    /// <summary>The folder of scripts, logs and this file within a sweep's.</summary>
    public static string FolderOf(FrozenSweep sweep) => Path.Combine(sweep.Folder, "slurm");

    /// <summary>What is known; null where nothing was handed in.</summary>
    /// <exception cref="InputException">The file can't be read.</exception>
    public static Submission? Read(FrozenSweep sweep)
    {
        string path = Path.Combine(FolderOf(sweep), Name);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<Submission>(File.ReadAllBytes(path), JobJson.Options) : null;
        }
        catch (Exception exception) when (exception is JsonException || SystemError.IsOfFiles(exception))
        {
            throw new InputException(path, string.Empty, $"it can't be read ({exception.Message.TrimEnd('.').ReplaceLineEndings(" ")})", "allowed: as differential slurm wrote it");
        }
    }

    /// <summary>Writes it durably.</summary>
    public void Write(FrozenSweep sweep) => DurableFile.WriteBytes(Path.Combine(FolderOf(sweep), Name), JsonSerializer.SerializeToUtf8Bytes(this, JobJson.Options));

    /// <summary>The elements of all jobs that were handed in: number → array and index, the latest one.</summary>
    public IReadOnlyDictionary<int, (string Id, int Index)> Elements()
    {
        var elements = new Dictionary<int, (string Id, int Index)>();
        foreach (SubmittedArray array in Rounds.SelectMany(r => r.Arrays).Where(a => a.Id is not null))
        {
            foreach (int task in array.Tasks)
            {
                elements[task] = (array.Id!, task - array.Offset);
            }
        }

        return elements;
    }
}
