using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Differential.Core.Data;

namespace Differential.Service.Jobs;

/// <summary>A field that a sweep varies.</summary>
/// <param name="Path">Its place in the job: names with dots between, list indices in brackets.</param>
/// <param name="Values">What it takes.</param>
public sealed record SweepField(string Path, IReadOnlyList<JsonElement> Values);

/// <summary>The fields that a sweep varies, in the order of the file.</summary>
[JsonConverter(typeof(SweepFieldsConverter))]
public sealed record SweepFields(IReadOnlyList<SweepField> Items)
{
    /// <summary>The same with each path to a file replaced by <paramref name="map"/>(JSON path of the value, path).</summary>
    /// <param name="job">The job whose fields they are.</param>
    /// <param name="map">Makes paths absolute.</param>
    internal SweepFields MapPaths(JobSpec job, Func<string, string, string> map) => new([.. Items.Select(f => f with { Values = [.. f.Values.Select((v, i) => Mapped(f.Path, i, v, map, job))] })]);

    private static JsonElement Mapped(string field, int index, JsonElement value, Func<string, string, string> map, JobSpec job)
    {
        string place = $"$.fields[\"{field}\"][{index}]";
        if (value.ValueKind == JsonValueKind.String && job.PathFields.Contains(field))
        {
            return JsonSerializer.SerializeToElement(map(place, value.GetString()!));
        }

        if (field != "data" || value.ValueKind != JsonValueKind.Object)
        {
            return value;
        }

        JsonObject data = JsonObject.Create(value)!;
        foreach (string name in PathFields(value))
        {
            if (data[name] is JsonValue path && path.GetValueKind() == JsonValueKind.String)
            {
                data[name] = map($"{place}.{name}", path.GetValue<string>());
            }
        }

        return JsonSerializer.SerializeToElement(data);
    }

    // What is no data at all is refused with its job.
    private static IReadOnlyList<string> PathFields(JsonElement data)
    {
        try
        {
            return data.Deserialize<DataOptions>(JobJson.Options)?.AllPathFields ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}

/// <summary>Reads and writes an object of lists.</summary>
public sealed class SweepFieldsConverter : JsonConverter<SweepFields>
{
    public override SweepFields Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Object || document.RootElement.EnumerateObject().Any(f => f.Value.ValueKind != JsonValueKind.Array))
        {
            throw new JsonException("no object of lists");
        }

        return new SweepFields([.. document.RootElement.EnumerateObject().Select(f => new SweepField(f.Name, [.. f.Value.EnumerateArray().Select(v => v.Clone())]))]);
    }

    public override void Write(Utf8JsonWriter writer, SweepFields value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        foreach (SweepField field in value.Items)
        {
            writer.WriteStartArray(field.Path);
            foreach (JsonElement element in field.Values)
            {
                element.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
