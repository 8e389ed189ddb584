using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Differential.Service.Tests.Jobs;

/// <summary>Enough of JSON schema to check job files against the schema that the program prints.</summary>
internal static class SchemaCheck
{
    private static readonly HashSet<string> Known =
    [
        "$schema", "title", "description", "type", "properties", "required", "additionalProperties", "minProperties", "maxProperties", "anyOf", "const", "enum", "minimum", "maximum", "exclusiveMaximum",
        "items", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern", "default", "$ref",
    ];

    /// <summary>Whether the value satisfies the schema.</summary>
    public static bool Accepts(JsonNode schema, JsonNode? value)
    {
        if (schema is JsonValue boolean)
        {
            return boolean.GetValue<bool>();
        }

        JsonObject rules = schema.AsObject();
        Assert.All(rules, rule => Assert.Contains(rule.Key, Known));
        return rules.All(rule => Holds(rule.Key, rule.Value!, rules, value));
    }

    private static bool Holds(string rule, JsonNode argument, JsonObject rules, JsonNode? value) => rule switch
    {
        "$ref" => Accepts(Target(argument), value),
        "type" => argument is JsonArray types ? types.Any(t => IsType((string)t!, value)) : IsType((string)argument!, value),
        "properties" => value is not JsonObject fields || fields.All(f => argument[f.Key] is not { } rest || Accepts(rest, f.Value)),
        "required" => value is not JsonObject fields || argument.AsArray().All(name => fields.ContainsKey((string)name!)),
        "additionalProperties" => value is not JsonObject fields || fields.All(f => rules["properties"]?[f.Key] is not null || Accepts(argument, f.Value)),
        "minProperties" => value is not JsonObject fields || fields.Count >= Number(argument),
        "maxProperties" => value is not JsonObject fields || fields.Count <= Number(argument),
        "anyOf" => argument.AsArray().Any(option => Accepts(option!, value)),
        "const" => JsonNode.DeepEquals(argument, value),
        "enum" => argument.AsArray().Any(option => JsonNode.DeepEquals(option, value)),
        "minimum" => Number(value) is not { } number || number >= Number(argument),
        "maximum" => Number(value) is not { } number || number <= Number(argument),
        "exclusiveMaximum" => Number(value) is not { } number || number < Number(argument),
        "items" => value is not JsonArray list || list.All(entry => Accepts(argument, entry)),
        "minItems" => value is not JsonArray list || list.Count >= Number(argument),
        "maxItems" => value is not JsonArray list || list.Count <= Number(argument),
        "uniqueItems" => value is not JsonArray list || list.Select(e => e?.ToJsonString()).Distinct().Count() == list.Count,
        "minLength" => !IsType("string", value) || ((string)value!).Length >= Number(argument),
        "maxLength" => !IsType("string", value) || ((string)value!).Length <= Number(argument),
        "pattern" => !IsType("string", value) || Regex.IsMatch((string)value!, (string)argument!),
        _ => true,
    };

    /// <summary>What a pointer such as <c>#/anyOf/1/properties/attacks</c> names.</summary>
    private static JsonNode Target(JsonNode reference)
    {
        JsonNode node = reference.Root;
        foreach (string part in ((string)reference!)[2..].Split('/'))
        {
            node = (node is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : node[part])!;
        }

        return node;
    }

    private static bool IsType(string type, JsonNode? value) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "integer" => Number(value) is { } number && number == Math.Floor(number),
        "number" => Number(value) is not null,
        "boolean" => value?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False,
        "string" => value?.GetValueKind() == System.Text.Json.JsonValueKind.String,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    private static double? Number(JsonNode? value) =>
        value?.GetValueKind() == System.Text.Json.JsonValueKind.Number ? double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture) : null;
}
