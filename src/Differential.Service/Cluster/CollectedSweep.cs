using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Core.Training;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Compare;
using Differential.Service.Kinds.Sweep;
using Differential.Service.Runs;

namespace Differential.Service.Cluster;

/// <summary>
/// The results of a frozen sweep's jobs put together: the tables, <c>result.json</c> and <c>report.html</c> that one process would have written.
/// No device is opened, and no data are read.
/// </summary>
internal sealed class CollectedSweep
{
    private readonly FrozenSweep _sweep;
    private readonly SweepOutcome _rows;
    private readonly IReadOnlyList<ComparedPart> _parts;
    private List<JsonObject>? _metrics;

    private CollectedSweep(FrozenSweep sweep, IReadOnlyList<TaskView> jobs, SweepOutcome rows, IReadOnlyList<ComparedPart> parts)
    {
        _sweep = sweep;
        Jobs = jobs;
        _rows = rows;
        _parts = parts;
    }

    public IReadOnlyList<TaskView> Jobs { get; }

    /// <summary>A row for each job, those without a result as well.</summary>
    public IReadOnlyList<SweepRow> Rows => _rows.Jobs;

    /// <summary>Whether the jobs are the networks of a comparison.</summary>
    public bool IsComparison => _sweep.Spec is CompareSpec;

    /// <summary>Whether every job has ended.</summary>
    public bool IsComplete => Jobs.All(j => j.Header is not null);

    /// <summary>The programs and devices that had a part in the results.</summary>
    public IReadOnlyList<TrainingOrigin> Origins =>
    [
        .. Jobs.Where(j => j.Header is { Program: not null, Seconds: > 0 })
            .SelectMany(j => j.Header!.Origins ?? [new TrainingOrigin(j.Header.Program!, j.Header.Device.VectorBits > 0 ? "simd" : j.Header.Device.Name, j.Header.Device.VectorBits)])
            .Distinct(),
    ];

    /// <summary>Reads what there is.</summary>
    public static CollectedSweep Read(FrozenSweep sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        IReadOnlyList<TaskView> jobs = SweepFiles.Look(sweep);
        SweepRow[] rows = [.. jobs.AsParallel().AsOrdered().Select(j => SweepRow.Of(j.Job, j.State, Path.Combine(sweep.TaskFolder(j.Job.Number), "result.json"), j.Header))];
        return new CollectedSweep(sweep, jobs, new SweepOutcome { Jobs = rows }, sweep.Spec is CompareSpec compare ? PartsOf(sweep, compare, jobs) : []);
    }

    /// <summary>Writes the tables for people.</summary>
    public void WriteTables(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_sweep.Spec is not CompareSpec compare)
        {
            _rows.WriteTables(output);
            return;
        }

        if (_parts.Count > 0)
        {
            CompareOutcome outcome = Comparison.Outcome(compare, _parts, HasTest);
            outcome.WriteTables(output);
        }

        SweepRow[] others = [.. Rows.Where(r => r.Status != TaskState.Done)];
        if (others.Length > 0)
        {
            output.WriteLine();
            new SweepOutcome { Jobs = others }.WriteTables(output);
        }
    }

    /// <summary>Writes result.json, the report, and of a comparison the samples.</summary>
    /// <exception cref="FolderHeldException">A process runs the whole sweep in this folder.</exception>
    /// <exception cref="InputException">The folder can't be written.</exception>
    public void Save()
    {
        using RunFolder folder = RunFolder.Open(_sweep.Folder);
        var run = new Collected(folder.Report)
        {
            Id = _sweep.Id,
            Spec = _sweep.Spec,
            Metrics = () => _metrics ??= ReadMetrics(),
            Header = HeaderOf,
            DeviceName = Header is { } done ? $"{_sweep.Spec.Device} ({done.Device.Name})" : _sweep.Spec.Device,
        };
        JobOutcome outcome = _rows;
        if (_sweep.Spec is CompareSpec compare)
        {
            if (_parts.Count == 0)
            {
                return;
            }

            outcome = Comparison.Finish(run, compare, _parts, HasTest, folder.Samples);
        }
        else
        {
            SweepReport.Write(run, _rows);
        }

        ResultFile.Write(folder.Result, HeaderOf(), outcome);
    }

    private bool HasTest => _parts.Any(p => p.Trained.TestMargins.Count > 0);

    // Of a job that got as far as its device.
    private RunHeader? Header => Jobs.Select(j => j.Header).FirstOrDefault(h => h is { Seconds: > 0 });

    private static List<ComparedPart> PartsOf(FrozenSweep sweep, CompareSpec compare, IReadOnlyList<TaskView> jobs)
    {
        var parts = new List<ComparedPart>();
        foreach ((CompareRun run, TaskView job) in compare.Runs().Zip(jobs))
        {
            if (job.State == TaskState.Done && KeptPart.Read(sweep.TaskFolder(job.Job.Number)) is { } part)
            {
                parts.Add(part.ToPart(run, $"jobs/{job.Job.Number}/models/{run.Name}"));
            }
        }

        return parts;
    }

    private RunHeader HeaderOf()
    {
        RunHeader[] ended = [.. Jobs.Select(j => j.Header).OfType<RunHeader>()];
        bool allFailed = ended.Length == Jobs.Count && ended.All(h => h.Status != JobState.Done);
        return new RunHeader
        {
            Kind = _sweep.Spec.Kind,
            Name = _sweep.Spec.Title,
            Id = _sweep.Id,
            Status = !IsComplete ? JobState.Interrupted : allFailed ? JobState.Failed : JobState.Done,
            Seed = _sweep.Spec.Seed,
            Device = Header?.Device ?? SweepFiles.DeviceOf(_sweep.Spec),
            Started = ended.Select(h => h.Started).DefaultIfEmpty().Min(),
            Finished = ended.Select(h => h.Finished).DefaultIfEmpty().Max(),
            Seconds = ended.Sum(h => h.Seconds),
            Program = Header?.Program,
            Origins = Origins.Count > 1 ? Origins : null,
            Error = allFailed ? $"every one of the {Jobs.Count} jobs failed; the first: {ended[0].Error}" : null,
        };
    }

    // A comparison's networks have curves in its report, each under its own name.
    private List<JsonObject> ReadMetrics()
    {
        var lines = new List<JsonObject>();
        if (_sweep.Spec is not CompareSpec compare)
        {
            return lines;
        }

        foreach ((CompareRun run, TaskView job) in compare.Runs().Zip(Jobs))
        {
            string file = Path.Combine(_sweep.TaskFolder(job.Job.Number), "metrics.jsonl");
            foreach (string text in File.Exists(file) ? File.ReadLines(file) : [])
            {
                if (Parse(text) is { } line)
                {
                    line["model"] = run.Label;
                    lines.Add(line);
                }
            }
        }

        return lines;
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class Collected(string report) : ReportedRun
    {
        public required string DeviceName { get; init; }

        public override string ReportFile => report;

        public override string DeviceText => DeviceName;
    }
}
