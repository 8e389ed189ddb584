using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Differential.Service.Jobs.Rules;

namespace Differential.Service.Jobs.Schema;

/// <summary>Every field of job files as a Markdown page, made from the spec types as <see cref="JobSchema"/> is.</summary>
internal sealed class JobReference
{
    private const string Opening = """
        # Job files

        With this page you can look up every field of a job file: what it means, what it takes and what it is where it is left out.
        `differential schema --markdown` prints this page; `differential schema` prints the same as a JSON schema for editors.
        [The examples](../examples/README.md) show a job of each kind. A job file is JSON; comments and trailing commas are allowed,
        unknown fields are refused. Relative paths are relative to the job file.
        """;

    private readonly StringBuilder _page = new();
    private readonly HashSet<Type> _seen = [];
    private readonly Queue<(string Field, Type Type)> _open = [];

    private JobReference()
    {
    }

    /// <summary>The page.</summary>
    public static string Text()
    {
        var reference = new JobReference();
        reference._page.Append(Opening).Append('\n');
        reference.Visit("job", typeof(JobSpec));
        while (reference._open.TryDequeue(out (string Field, Type Type) next))
        {
            reference.Write(next.Field, next.Type);
        }

        return reference._page.ToString();
    }

    private static JsonTypeInfo InfoOf(Type type) => JobJson.Options.GetTypeInfo(type);

    private void Visit(string field, Type type)
    {
        Type value = Nullable.GetUnderlyingType(type) ?? type;
        if (InfoOf(value).Kind == JsonTypeInfoKind.Object && _seen.Add(value))
        {
            _open.Enqueue((field, value));
        }
    }

    private void Write(string field, Type type)
    {
        JsonTypeInfo info = InfoOf(type);
        _page.Append(CultureInfo.InvariantCulture, $"\n## `{field}`\n");
        if (info.PolymorphismOptions is not { } kinds)
        {
            WriteObject(info, null);
            return;
        }

        string names = string.Join(", ", kinds.DerivedTypes.Select(d => $"`{d.TypeDiscriminator}`"));
        _page.Append(CultureInfo.InvariantCulture, $"\nThe field `{kinds.TypeDiscriminatorPropertyName}` says which: {names}.\n");
        foreach (JsonDerivedType kind in kinds.DerivedTypes)
        {
            WriteObject(InfoOf(kind.DerivedType), $"{field} of kind `{kind.TypeDiscriminator}`");
        }
    }

    private void WriteObject(JsonTypeInfo info, string? heading)
    {
        if (heading is not null)
        {
            _page.Append(CultureInfo.InvariantCulture, $"\n### {heading}\n");
        }

        if (JobSchema.Description(info.Type) is { } description)
        {
            _page.Append(CultureInfo.InvariantCulture, $"\n{description}\n");
        }

        JsonPropertyInfo[] fields = [.. info.Properties.Where(p => p.Set is not null)];
        if (fields.Length == 0)
        {
            _page.Append("\nIt has no fields of its own.\n");
            return;
        }

        _page.Append("\n| Field | Takes | Default | Meaning |\n|---|---|---|---|\n");
        object defaults = info.CreateObject!();
        foreach (JsonPropertyInfo property in fields)
        {
            MemberLimits limits = MemberLimits.Of(property.AttributeProvider);
            _page.Append(CultureInfo.InvariantCulture, $"| `{property.Name}` | {Cell(Takes(property, limits))} | {Cell(Default(property, defaults))} | {Cell(JobSchema.Description(property.AttributeProvider) ?? string.Empty)} |\n");
        }
    }

    private string Takes(JsonPropertyInfo property, MemberLimits limits)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (ValueRules.Find(type, property.CustomConverter) is { } rule)
        {
            return rule.Allowed(limits);
        }

        JsonTypeInfo info = InfoOf(type);
        if (info.Kind != JsonTypeInfoKind.Enumerable)
        {
            Visit(property.Name, type);
            return $"an object: {Link(property.Name)}";
        }

        string entries = limits.MaxLength < int.MaxValue ? $"a list of {limits.MinLength} to {limits.MaxLength} entries" : "a list";
        if (ValueRules.Find(info.ElementType!) is { } element)
        {
            return $"{entries}, each {element.Allowed(limits with { MinLength = 0, MaxLength = int.MaxValue })}";
        }

        Visit(property.Name, info.ElementType!);
        return $"{entries}: {Link(property.Name)}";
    }

    private static string Default(JsonPropertyInfo property, object defaults)
    {
        if (property.IsRequired)
        {
            return "required";
        }

        object? value = property.Get!(defaults);
        return value is null ? "–" : $"`{JsonSerializer.Serialize(value, property.PropertyType, JobJson.Line)}`";
    }

    private static string Link(string field) => $"see `{field}`";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
