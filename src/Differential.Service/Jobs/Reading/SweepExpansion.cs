using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Kernels.Devices;

namespace Differential.Service.Jobs.Reading;

/// <summary>Makes a sweep's jobs: every combination of the values, the last field varying fastest.</summary>
internal static class SweepExpansion
{
    private const int LongestName = 90;

    /// <param name="spec">The sweep, every path in it absolute.</param>
    /// <param name="file">The job file, for messages.</param>
    /// <exception cref="InputException">Too many jobs, or one that is no valid job.</exception>
    public static IReadOnlyList<SweepJob> Expand(SweepSpec spec, string file)
    {
        ArgumentNullException.ThrowIfNull(spec);
        CheckJob(spec.Job, file);
        List<SweepField> fields = Fields(spec);
        if (fields.Count == 0)
        {
            throw new InputException(file, "$", "a sweep that varies nothing", "allowed: at least one of seeds, learningRates, fields");
        }

        long count = 1;
        foreach (SweepField field in fields)
        {
            count *= field.Values.Count;
            if (count > SweepSpec.MaxJobs)
            {
                throw new InputException(file, "$", $"a sweep of {fields.Aggregate((Int128)1, (n, f) => n * f.Values.Count)} jobs", $"allowed: at most {SweepSpec.MaxJobs}");
            }
        }

        // What the sweep's own reading let through is all that its jobs may open.
        HashSet<string> paths = [];
        spec.MapPaths((_, path) =>
        {
            paths.Add(path);
            return path;
        });
        string template = JsonSerializer.Serialize(spec.Job, JobJson.Line);
        var jobs = new List<SweepJob>((int)count);
        for (int number = 1; number <= count; number++)
        {
            string name = $"{file} (job {number})";
            try
            {
                jobs.Add(Create(spec, name, template, fields, number, paths));
            }
            catch (InputException exception) when (exception.File == name)
            {
                throw new InputException(file, $"job {number}: {exception.Place}", exception.Found, exception.Allowed);
            }
        }

        return jobs;
    }

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
            fields.Add(new SweepField("seed", [.. seeds.Select(s => JsonSerializer.SerializeToElement(s))]));
        }

        return fields;
    }

    private static SweepJob Create(SweepSpec spec, string name, string template, List<SweepField> fields, int number, HashSet<string> paths)
    {
        JsonNode job = JsonNode.Parse(template)!;
        var values = new Dictionary<string, JsonElement>();
        int rest = number - 1;
        foreach (SweepField field in Enumerable.Reverse(fields))
        {
            values[field.Path] = field.Values[rest % field.Values.Count];
            rest /= field.Values.Count;
        }

        foreach (SweepField field in fields)
        {
            Set(job, field.Path, values[field.Path], name);
        }

        using var document = JsonDocument.Parse(job.ToJsonString(JobJson.Line));
        var mistakes = new InputMistakes(name);
        JobSpec? read = JobReader.Read(document.RootElement, mistakes, (place, path) => paths.Contains(path)
            ? path
            : throw new InputException(name, place, $"\"{path}\", a path that the sweep does not name as one", "allowed: paths in job, and in fields data, data.path, data.testPath and model"));
        mistakes.ThrowIfAny();
        string title = spec.Title.Length <= LongestName ? spec.Title : spec.Title[..LongestName];
        JobSpec made = read! with { Name = string.Create(CultureInfo.InvariantCulture, $"{title} {number}"), Device = spec.Device, Precision = spec.Precision, Convolution = spec.Convolution, Tensorboard = spec.Tensorboard || read.Tensorboard };
        return new SweepJob(number, fields.ToDictionary(f => f.Path, f => values[f.Path]), new JobFile(name, made, mistakes.Warnings));
    }

    /// <summary>Sets a field; objects on the way that are not there are made, and refused later where the job has no such field.</summary>
    private static void Set(JsonNode job, string path, JsonElement value, string file)
    {
        JsonNode node = job;
        string[] steps = [.. path.Split('.').SelectMany(Steps)];
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
