using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Kernels.Devices;

namespace Differential.Service.Jobs.Reading;

/// <summary>Makes a sweep's jobs: every combination of the values, the last field varying fastest.</summary>
internal sealed class SweepExpansion
{
    private const int LongestName = 90;

    private const string SeedPlace = "seed";

    private readonly SweepSpec _spec;
    private readonly string _file;
    private readonly List<SweepField> _fields;
    private readonly string _template;
    private readonly HashSet<string> _paths = [];

    /// <param name="spec">The sweep, every path in it absolute.</param>
    /// <param name="file">The job file, for messages.</param>
    /// <exception cref="InputException">Too many jobs, or a field of the sweep's own in its job.</exception>
    public SweepExpansion(SweepSpec spec, string file)
    {
        ArgumentNullException.ThrowIfNull(spec);
        CheckJob(spec.Job, file);
        (_spec, _file, _fields) = (spec, file, Fields(spec));
        if (_fields.Count == 0)
        {
            throw new InputException(file, "$", "a sweep that varies nothing", "allowed: at least one of seeds, learningRates, fields");
        }

        long count = 1;
        HashSet<string> places = [];
        foreach (SweepField field in _fields)
        {
            if (!places.Add(field.Path))
            {
                throw new InputException(file, field.Path == SeedPlace ? "$.seeds" : $"$.fields[\"{field.Path}\"]", "a field of the job that is varied already", "allowed: each field once, in seeds, learningRates or fields");
            }

            count *= field.Values.Count;
            if (count > SweepSpec.MaxJobs)
            {
                throw new InputException(file, "$", $"a sweep of {_fields.Aggregate((Int128)1, (n, f) => n * f.Values.Count)} jobs", $"allowed: at most {SweepSpec.MaxJobs}");
            }
        }

        // What the sweep's own reading let through is all that its jobs may open.
        spec.MapPaths((_, path) =>
        {
            _paths.Add(path);
            return path;
        });
        _template = JsonSerializer.Serialize(spec.Job, JobJson.Line);
        Count = (int)count;
    }

    /// <summary>How many jobs there are.</summary>
    public int Count { get; }

    /// <summary>Every job.</summary>
    /// <exception cref="InputException">Too many jobs, or one that is no valid job.</exception>
    public static IReadOnlyList<SweepJob> Expand(SweepSpec spec, string file)
    {
        var sweep = new SweepExpansion(spec, file);
        return [.. Enumerable.Range(1, sweep.Count).Select(sweep.Job)];
    }

    /// <summary>Adds what is wrong with its jobs: each mistake once, of the first job that has it.</summary>
    public void Check(InputMistakes mistakes)
    {
        HashSet<(string Place, string Found)> seen = [];
        for (int number = 1; number <= Count; number++)
        {
            Create(number, out InputMistakes found);
            foreach (InputException mistake in found.All.Where(mistake => seen.Add((mistake.Place, mistake.Found))))
            {
                mistakes.Add(Outside(mistake, number));
            }
        }
    }

    /// <summary>The values of the varied fields of a job, by their place.</summary>
    /// <param name="number">The job's, from 1.</param>
    public IReadOnlyDictionary<string, JsonElement> Values(int number)
    {
        var values = new JsonElement[_fields.Count];
        int rest = number - 1;
        for (int i = _fields.Count - 1; i >= 0; i--)
        {
            values[i] = _fields[i].Values[rest % _fields[i].Values.Count];
            rest /= _fields[i].Values.Count;
        }

        return _fields.Zip(values).ToDictionary(f => f.First.Path, f => f.Second);
    }

    /// <summary>One job.</summary>
    /// <param name="number">From 1.</param>
    /// <exception cref="InputException">It is no valid job.</exception>
    public SweepJob Job(int number) => Create(number, out InputMistakes mistakes) ?? throw Outside(mistakes.All[0], number);

    private static List<SweepField> Fields(SweepSpec spec)
    {
        List<SweepField> fields = [];
        if (spec.LearningRates is { } rates)
        {
            fields.Add(new SweepField("optimizer.learningRate", [.. rates.Select(r => JsonSerializer.SerializeToElement(r))]));
        }

        fields.AddRange(spec.Fields?.Items ?? []);
        if (spec.Seeds is { } seeds)
        {
            fields.Add(new SweepField(SeedPlace, [.. seeds.Select(s => JsonSerializer.SerializeToElement(s))]));
        }

        return fields;
    }

    /// <summary>A job; null where there are mistakes in it, which speak of it as a file of its own.</summary>
    private SweepJob? Create(int number, out InputMistakes mistakes)
    {
        mistakes = new InputMistakes($"{_file} (job {number})");
        IReadOnlyDictionary<string, JsonElement> values = Values(number);
        try
        {
            return Create(number, values, mistakes);
        }
        catch (InputException mistake)
        {
            mistakes.Add(mistake);
            return null;
        }
    }

    private SweepJob? Create(int number, IReadOnlyDictionary<string, JsonElement> values, InputMistakes mistakes)
    {
        JsonNode job = JsonNode.Parse(_template)!;

        // What lies deeper comes later: a learning rate goes into the optimizer that is varied beside it, and not the other way round.
        foreach ((string path, JsonElement value) in values.OrderBy(static v => StepsOf(v.Key).Length))
        {
            Set(job, path, value, mistakes.File);
        }

        using var document = JsonDocument.Parse(job.ToJsonString(JobJson.Line));
        JobSpec? read = JobReader.Read(document.RootElement, mistakes, (place, path) => _paths.Contains(path)
            ? path
            : throw new InputException(mistakes.File, place, $"\"{path}\", a path that the sweep does not name as one", "allowed: paths in job, and in fields data, data.path, data.testPath and model"));
        if (mistakes.Any)
        {
            return null;
        }

        string title = _spec.Title.Length <= LongestName ? _spec.Title : _spec.Title[..LongestName];
        JobSpec made = read! with { Name = string.Create(CultureInfo.InvariantCulture, $"{title} {number}"), Device = _spec.Device, Precision = _spec.Precision, Convolution = _spec.Convolution, Tensorboard = _spec.Tensorboard || read.Tensorboard };
        return new SweepJob(number, values, new JobFile(mistakes.File, made, mistakes.Warnings));
    }

    private InputException Outside(InputException mistake, int number) => new(_file, $"job {number}: {mistake.Place}", mistake.Found, mistake.Allowed);

    /// <summary>Sets a field; objects on the way that are not there are made, and refused later where the job has no such field.</summary>
    private static void Set(JsonNode job, string path, JsonElement value, string file)
    {
        JsonNode node = job;
        string[] steps = StepsOf(path);
        for (int i = 0; i < steps.Length; i++)
        {
            bool last = i == steps.Length - 1;
            JsonNode? next = last ? JsonNode.Parse(value.GetRawText()) : null;
            switch (node)
            {
                case JsonObject map when steps[i][0] != '[':
                    node = last ? Put(map, steps[i], next) : map[steps[i]] ?? Put(map, steps[i], steps[i + 1][0] == '[' ? new JsonArray() : new JsonObject())!;
                    break;
                case JsonArray list when steps[i][0] == '[' && int.Parse(steps[i].AsSpan(1), CultureInfo.InvariantCulture) is int index && index < list.Count:
                    if (last)
                    {
                        list[index] = next;
                    }

                    node = list[index] ?? list;
                    break;
                default:
                    throw new InputException(file, $"$.fields[\"{path}\"]", "a place that the job does not have", "allowed: the place of a field of the job");
            }
        }
    }

    private static JsonNode Put(JsonObject map, string name, JsonNode? value)
    {
        map[name] = value;
        return value ?? map;
    }

    private static string[] StepsOf(string path) => [.. path.Split('.').SelectMany(Steps)];

    // "layers[0]" is the field and then the index.
    private static string[] Steps(string step)
    {
        int bracket = step.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0 ? [step] : [step[..bracket], step[bracket..^1]];
    }

    private static void CheckJob(JobSpec job, string file)
    {
        if (job is SweepSpec)
        {
            throw new InputException(file, "$.job.kind", "a sweep within a sweep", "allowed: train, attack, compare, theory");
        }

        string? field = job.Device != "auto" ? "device"
            : job.Precision != MatrixPrecision.Float32 ? "precision"
            : job.Convolution != ConvolutionMethod.Direct ? "convolution"
            : job.Priority != 0 ? "priority"
            : job.After.Count > 0 ? "after"
            : null;
        if (field is not null)
        {
            throw new InputException(file, $"$.job.{field}", "a field that a sweep's job takes from the sweep", $"allowed: {field} beside the sweep's kind");
        }
    }
}
