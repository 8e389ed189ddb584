using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Core.Data;

namespace Differential.Service.Jobs.Reading;

/// <summary>Reads job files: UTF-8 JSON of at most 1 MiB, checked against the spec types before anything is made of it.</summary>
public static class JobReader
{
    /// <summary>Reads and checks a file; the data and models that it names are not opened.</summary>
    /// <param name="file">The job file.</param>
    /// <param name="allowedRoots">Folders in which the files that it names must lie; anywhere where there are none.</param>
    /// <exception cref="InputException">The file is missing, no JSON or no valid job; the message names the first mistake.</exception>
    public static JobFile Read(string file, IReadOnlyList<string>? allowedRoots = null)
    {
        JobFile? job = Check(file, out IReadOnlyList<InputException> mistakes, allowedRoots);
        return job ?? throw mistakes[0];
    }

    /// <summary>Reads and checks a file as <see cref="Read(string, IReadOnlyList{string})"/> does, and goes on after a mistake.</summary>
    /// <param name="file">The job file.</param>
    /// <param name="mistakes">Every mistake, in the order in which they are found: those of single fields, and those between fields that are right by themselves.</param>
    /// <param name="allowedRoots">Folders in which the files that it names must lie; anywhere where there are none.</param>
    /// <returns>Null where there are mistakes.</returns>
    public static JobFile? Check(string file, out IReadOnlyList<InputException> mistakes, IReadOnlyList<string>? allowedRoots = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            byte[] content = JobText.ReadBytes(file);
            JobFile? job = Check(content, file, new PathPolicy(Path.GetDirectoryName(Path.GetFullPath(file))!, allowedRoots), out InputMistakes found);
            mistakes = found.All;
            return job;
        }
        catch (InputException mistake)
        {
            mistakes = [mistake];
            return null;
        }
    }

    /// <summary>Reads a sweep that was checked with its jobs before it was written down: its jobs are looked at one by one, when they are needed.</summary>
    /// <exception cref="InputException">The file is missing, no JSON or no valid job by itself.</exception>
    internal static JobFile ReadFrozen(string file)
    {
        byte[] content = JobText.ReadBytes(file);
        using JsonDocument document = JobText.Parse(content, file);
        var mistakes = new InputMistakes(file);
        var paths = new PathPolicy(Path.GetDirectoryName(Path.GetFullPath(file))!);
        JobSpec? spec = ReadAlone(document.RootElement, mistakes, (place, path) => paths.Resolve(path, file, place));
        mistakes.ThrowIfAny();
        return new JobFile(file, spec!, mistakes.Warnings);
    }

    /// <summary>Reads and checks the content of a file.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="file">The file as messages name it.</param>
    /// <param name="paths">What relative paths in the job are relative to, and where paths may lead.</param>
    /// <exception cref="InputException">No JSON or no valid job; the message names the first mistake.</exception>
    public static JobFile Parse(ReadOnlyMemory<byte> content, string file, PathPolicy paths)
    {
        JobFile? job = Check(content, file, paths, out InputMistakes mistakes);
        mistakes.ThrowIfAny();
        return job!;
    }

    /// <summary>Checks a job that is JSON already.</summary>
    /// <param name="job">The job.</param>
    /// <param name="mistakes">Gets what is wrong with it.</param>
    /// <param name="map">Makes (JSON path of the field, path) absolute.</param>
    /// <returns>Null where no job could be made of it.</returns>
    internal static JobSpec? Read(JsonElement job, InputMistakes mistakes, Func<string, string, string> map)
    {
        JobSpec? full = ReadAlone(job, mistakes, map);
        if (full is SweepSpec sweep && !mistakes.Any)
        {
            Try(() => new SweepExpansion(sweep, mistakes.File), null, mistakes)?.Check(mistakes);
        }

        return full;
    }

    private static JobSpec? ReadAlone(JsonElement job, InputMistakes mistakes, Func<string, string, string> map)
    {
        new JobWalker(mistakes, JobJson.Options).Check(job, typeof(JobSpec));
        if (mistakes.Any)
        {
            RepairedJob.Check(job, mistakes, map);
            return null;
        }

        JobSpec spec;
        try
        {
            JsonObject fields = JsonObject.Create(job)!;
            fields.Remove(JobSpec.SchemaField);
            spec = fields.Deserialize<JobSpec>(JobJson.Options)!;
        }
        catch (JsonException exception)
        {
            // The walk above finds every mistake that it knows; whatever else the serialiser refuses is still the user's.
            mistakes.Add(exception.Path ?? "$", exception.Message.ReplaceLineEndings(" "), "what the schema describes");
            return null;
        }

        return Complete(spec, mistakes, map);
    }

    /// <summary>Fills in what a job leaves out, makes its paths absolute, and checks the rules between its fields.</summary>
    internal static JobSpec Complete(JobSpec spec, InputMistakes mistakes, Func<string, string, string> map)
    {
        JobSpec full = spec.WithDefaults().MapPaths((place, path) => Try(() => map(place, path), path, mistakes));
        full.Check(mistakes);
        return full;
    }

    private static JobFile? Check(ReadOnlyMemory<byte> content, string file, PathPolicy paths, out InputMistakes mistakes)
    {
        ArgumentNullException.ThrowIfNull(paths);
        using JsonDocument document = JobText.Parse(content, file);
        mistakes = new InputMistakes(file);
        JobSpec? spec = Read(document.RootElement, mistakes, (place, path) => paths.Resolve(path, file, place));
        return mistakes.Any ? null : new JobFile(file, spec!, mistakes.Warnings);
    }

    private static T Try<T>(Func<T> read, T otherwise, InputMistakes mistakes)
    {
        try
        {
            return read();
        }
        catch (InputException mistake)
        {
            mistakes.Add(mistake);
            return otherwise;
        }
    }
}
