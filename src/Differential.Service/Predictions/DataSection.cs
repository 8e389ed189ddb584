using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Core.Data;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Predictions;

/// <summary>The data of a JSON file: a job's section <c>data</c> by itself, or a whole job.</summary>
internal static class DataSection
{
    /// <summary>Reads and checks the section; its paths are relative to the file.</summary>
    /// <exception cref="InputException">The file is no JSON, or the section is not right.</exception>
    public static DataOptions Read(string file)
    {
        using JsonDocument document = JobText.Parse(JobText.ReadBytes(file), file);
        JsonElement root = document.RootElement;
        JsonElement section = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("data", out JsonElement data) ? data : root;

        // The section is checked as a part of the smallest job that has one, so that its rules and messages are those of jobs.
        var job = new JsonObject { ["kind"] = "train", ["data"] = JsonNode.Parse(section.GetRawText()) };
        if (section.ValueKind == JsonValueKind.Object && section.TryGetProperty("kind", out JsonElement kind) && kind.ValueKind == JsonValueKind.String && kind.GetString() is "points" or "numpy" or "parquet" or "affine")
        {
            job["model"] = new JsonObject { ["kind"] = "linear" };
        }

        JobFile parsed = JobReader.Parse(JsonSerializer.SerializeToUtf8Bytes(job), file, new PathPolicy(Path.GetDirectoryName(Path.GetFullPath(file))!));
        return ((TrainSpec)parsed.Spec).Data;
    }
}
