using System.ComponentModel;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Differential.Service.Jobs.Rules;

namespace Differential.Service.Jobs.Schema;

/// <summary>The JSON schema of job files, made from the spec types: names, descriptions, bounds, required fields.</summary>
internal static class JobSchema
{
    public static string Text() => Create().ToJsonString(JobJson.Options);

    public static JsonObject Create()
    {
        var options = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };
        JsonObject schema = JobJson.Options.GetJsonSchemaAsNode(typeof(JobSpec), options).AsObject();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Differential job");
        foreach (JsonNode? kind in schema["anyOf"]!.AsArray())
        {
            kind!["properties"]!.AsObject().Insert(0, JobSpec.SchemaField, new JsonObject { ["type"] = "string" });
        }

        return schema;
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        JsonPropertyInfo? property = context.PropertyInfo;
        MemberLimits limits = MemberLimits.Of(property?.AttributeProvider);
        if (ValueRules.Find(context.TypeInfo.Type, property?.CustomConverter)?.Schema(limits) is JsonObject own)
        {
            node = MayBeNull(context) ? new JsonObject { ["anyOf"] = new JsonArray(own, new JsonObject { ["type"] = "null" }) } : own;
        }

        if (node is not JsonObject schema)
        {
            return node;
        }

        if (context.TypeInfo.Kind == JsonTypeInfoKind.Enumerable)
        {
            AddListLimits(schema, limits, context.TypeInfo.ElementType!);
        }

        string? description = Description(property?.AttributeProvider) ?? Description(context.TypeInfo.Type);
        if (description is not null && !schema.ContainsKey("description"))
        {
            schema.Insert(0, "description", description);
        }

        return schema;
    }

    private static bool MayBeNull(JsonSchemaExporterContext context) => context.PropertyInfo is { } property
        && (property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null : property.IsSetNullable);

    private static void AddListLimits(JsonObject schema, MemberLimits limits, Type element)
    {
        if (limits.MinLength > 0)
        {
            schema["minItems"] = limits.MinLength;
        }

        if (limits.MaxLength < int.MaxValue)
        {
            schema["maxItems"] = limits.MaxLength;
        }

        if (ValueRules.Find(element)?.Schema(limits) is JsonObject items)
        {
            schema["items"] = items;
        }
    }

    /// <summary>What a type or field means, as its description says.</summary>
    internal static string? Description(ICustomAttributeProvider? member) =>
        member?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: false).OfType<DescriptionAttribute>().FirstOrDefault()?.Description;
}
