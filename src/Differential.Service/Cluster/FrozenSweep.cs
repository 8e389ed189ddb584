using System.Globalization;
using System.Text.Json;
using Differential.Core;
using Differential.Core.Files;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Kinds.Compare;
using Differential.Service.Runs;

namespace Differential.Service.Cluster;

/// <summary>
/// A sweep, or a comparison of several networks, in a folder of its own, frozen: <c>job.json</c> holds it with every path absolute and its
/// device named, whatever becomes of the file that it came from. Its jobs run one by one, anywhere, each in <c>jobs/&lt;n&gt;/</c>.
/// </summary>
internal sealed class FrozenSweep
{
    private const string JobName = "job.json";

    private readonly Func<int, SweepJob> _job;

    private FrozenSweep(string folder, JobFile file)
    {
        Folder = folder;
        Spec = file.Spec;
        Id = IdIn(folder, file.Spec);
        (_job, Tasks) = Expand(file);
    }

    /// <summary>The folder, in full.</summary>
    public string Folder { get; }

    public JobSpec Spec { get; }

    /// <summary>The sweep's id, which its jobs' start with.</summary>
    public string Id { get; }

    /// <summary>The jobs, numbered from 1.</summary>
    public IReadOnlyList<SweepTask> Tasks { get; }

    /// <summary>Whether a folder holds a job that was frozen, or run there.</summary>
    public static bool IsAt(string folder) => File.Exists(Path.Combine(folder, JobName));

    /// <summary>Reads the sweep of a folder.</summary>
    /// <exception cref="InputException">There is none, or it can't be read.</exception>
    public static FrozenSweep Open(string folder)
    {
        if (!IsAt(folder))
        {
            throw new InputException(folder, string.Empty, $"no frozen sweep (it has no {JobName})", "allowed: the --output of differential slurm");
        }

        return new FrozenSweep(Path.GetFullPath(folder), JobReader.ReadFrozen(Path.Combine(folder, JobName)));
    }

    /// <summary>Freezes a sweep in a folder; one that is there already must be the same.</summary>
    /// <param name="file">The sweep, its device named.</param>
    /// <param name="folder">The folder; it is made where it is missing.</param>
    /// <exception cref="InputException">No sweep, another one is there, or the folder can't be written.</exception>
    public static FrozenSweep Freeze(JobFile file, string folder)
    {
        ArgumentNullException.ThrowIfNull(file);
        var sweep = new FrozenSweep(Path.GetFullPath(folder), file);
        if (IsAt(folder))
        {
            FrozenSweep earlier = Open(folder);
            (string there, string wanted) = (JobIdentity.IdOf(earlier.Spec), JobIdentity.IdOf(sweep.Spec));
            return there == wanted
                ? earlier
                : throw new InputException(folder, string.Empty, $"the folder of another job ({there}, this one is {wanted})", "allowed: the job that was frozen there, or another --output");
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(file.Spec, JobJson.Options);
        text = text.Length <= JobText.MaxBytes ? text : JsonSerializer.SerializeToUtf8Bytes(file.Spec, JobJson.Line);
        if (text.Length > JobText.MaxBytes)
        {
            throw new InputException(file.File, string.Empty, $"{text.Length} bytes with every default filled in and every path absolute", $"allowed: at most {JobText.MaxBytes}");
        }

        try
        {
            Directory.CreateDirectory(sweep.Folder);
            DurableFile.WriteBytes(Path.Combine(sweep.Folder, JobName), text);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw new InputException(folder, string.Empty, $"the folder can't be written ({exception.Message.TrimEnd('.')})", "allowed: a folder that can be written");
        }

        return sweep;
    }

    /// <summary>A job, ready to be run.</summary>
    /// <exception cref="InputException">It is no valid job.</exception>
    public SweepJob Job(int number) => _job(number);

    /// <summary>A job's folder.</summary>
    public string TaskFolder(int number) => Path.Combine(Folder, "jobs", number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A job's id: the same as where one process runs the whole sweep.</summary>
    public string TaskId(int number) => string.Create(CultureInfo.InvariantCulture, $"{Id}-{number}");

    // Jobs that an earlier version began go on under its ids.
    private static string IdIn(string folder, JobSpec spec)
    {
        (string id, string earlier) = (JobIdentity.IdOf(spec), JobIdentity.EarlierIdOf(spec));
        string jobs = Path.Combine(folder, "jobs");
        return id != earlier && Directory.Exists(jobs) && Directory.EnumerateDirectories(jobs).Any(job => RunFolder.IdIn(job)?.StartsWith(earlier + "-", StringComparison.Ordinal) == true)
            ? earlier
            : id;
    }

    private static (Func<int, SweepJob> Job, IReadOnlyList<SweepTask> Tasks) Expand(JobFile file)
    {
        switch (file.Spec)
        {
            case SweepSpec spec:
                var sweep = new SweepExpansion(spec, file.File);
                return (sweep.Job, [.. Enumerable.Range(1, sweep.Count).Select(n => new SweepTask(n, sweep.Values(n)))]);
            case CompareSpec { Select: not null }:
                throw new InputException(file.File, "$.select", "a choice between settings, for which one process needs all their networks", "allowed: a comparison without select, or a sweep of comparisons");
            case CompareSpec spec:
                IReadOnlyList<SweepJob> jobs = CompareExpansion.Expand(spec, file.File);
                return (n => jobs[n - 1], [.. jobs.Select(j => new SweepTask(j.Number, j.Fields))]);
            default:
                throw new InputException(file.File, "$.kind", $"\"{file.Spec.Kind}\", which is one job", "allowed: sweep, compare");
        }
    }
}
