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
        ArgumentNullException.ThrowIfNull(file);
        byte[] content = JobText.ReadBytes(file);
        return Parse(content, file, new PathPolicy(Path.GetDirectoryName(Path.GetFullPath(file))!, allowedRoots));
    }

    /// <summary>Reads and checks the content of a file.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="file">The file as messages name it.</param>
    /// <param name="paths">What relative paths in the job are relative to, and where paths may lead.</param>
    /// <exception cref="InputException">No JSON or no valid job; the message names the first mistake.</exception>
    public static JobFile Parse(ReadOnlyMemory<byte> content, string file, PathPolicy paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        using JsonDocument document = JobText.Parse(content, file);
        return new JobFile(file, Read(document.RootElement, file, (place, path) => paths.Resolve(path, file, place)));
    }

    /// <summary>Checks a job that is JSON already.</summary>
    /// <param name="job">The job.</param>
    /// <param name="file">The file as messages name it.</param>
    /// <param name="map">Makes (JSON path of the field, path) absolute.</param>
    /// <exception cref="InputException">No valid job; the message names the first mistake.</exception>
    internal static JobSpec Read(JsonElement job, string file, Func<string, string, string> map)
    {
        new JobWalker(file, JobJson.Options).Check(job, typeof(JobSpec));
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
            throw new InputException(file, exception.Path ?? "$", exception.Message.ReplaceLineEndings(" "), "allowed: what the schema describes");
        }

        JobSpec full = spec.WithDefaults().MapPaths(map);
        JobRules.Check(full, file);
        return full;
    }
}
