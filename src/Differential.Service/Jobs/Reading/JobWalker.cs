using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Differential.Core;
using Differential.Service.Jobs.Rules;

namespace Differential.Service.Jobs.Reading;

/// <summary>
/// Checks a JSON document against the types that it is read into, so that each mistake gets a message of its own.
/// The types' own metadata guide it: names, required members, derived types, nullability and bounds.
/// </summary>
internal sealed class JobWalker(InputMistakes mistakes, JsonSerializerOptions options)
{
    private const string Root = "$";

    /// <summary>The value that a place names may hold.</summary>
    private readonly record struct Slot(Type Type, string Place, MemberLimits Limits, bool Nullable, JsonConverter? Converter);

    /// <summary>Adds every mistake; what lies within a value of the wrong kind is not looked at.</summary>
    public void Check(JsonElement root, Type type) => CheckValue(root, new Slot(type, Root, MemberLimits.None, false, null));

    private void CheckValue(JsonElement value, Slot slot)
    {
        if (value.ValueKind == JsonValueKind.Null && slot.Nullable)
        {
            return;
        }

        if (ValueRules.Find(slot.Type, slot.Converter) is ValueRule rule)
        {
            foreach (Mistake mistake in rule.Check(value, slot.Limits))
            {
                mistakes.Add(slot.Place + mistake.Place, mistake.Found, mistake.Allowed);
            }

            return;
        }

        JsonTypeInfo info = options.GetTypeInfo(slot.Type);
        if (info.Kind == JsonTypeInfoKind.Enumerable)
        {
            CheckList(value, info.ElementType!, slot);
        }
        else
        {
            CheckObject(value, info, slot.Place);
        }
    }

    private void CheckList(JsonElement value, Type element, Slot slot)
    {
        string allowed = slot.Limits.MaxLength < int.MaxValue
            ? $"a list of {slot.Limits.MinLength} to {slot.Limits.MaxLength} entries"
            : $"a list of at least {slot.Limits.MinLength} entries";
        if (value.ValueKind != JsonValueKind.Array)
        {
            mistakes.Add(slot.Place, Mistake.Show(value), allowed);
            return;
        }

        int count = value.GetArrayLength();
        if (count < slot.Limits.MinLength || count > slot.Limits.MaxLength)
        {
            mistakes.Add(slot.Place, count == 0 ? "an empty list" : $"a list of {count} entries", allowed);
        }

        int index = 0;
        foreach (JsonElement entry in value.EnumerateArray())
        {
            CheckValue(entry, slot with { Type = element, Place = $"{slot.Place}[{index}]", Nullable = false, Converter = null });
            index++;
        }
    }

    private void CheckObject(JsonElement value, JsonTypeInfo info, string place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            mistakes.Add(place, Mistake.Show(value), DescribeObject(info));
            return;
        }

        AddDuplicates(value, place);
        string? discriminator = info.PolymorphismOptions?.TypeDiscriminatorPropertyName;
        if ((discriminator is null ? info.Type : Derived(value, info, place)) is not { } type)
        {
            return;
        }

        JsonTypeInfo actual = options.GetTypeInfo(type);
        Dictionary<string, JsonPropertyInfo> properties =
            actual.Properties.Where(p => p.Set is not null).ToDictionary(p => p.Name, StringComparer.Ordinal);
        foreach (JsonProperty member in value.EnumerateObject().DistinctBy(static member => member.Name, StringComparer.Ordinal))
        {
            if (member.Name == discriminator)
            {
                continue;
            }

            if (place == Root && member.Name == JobSpec.SchemaField)
            {
                CheckValue(member.Value, new Slot(typeof(string), Place(place, member.Name), MemberLimits.None, false, null));
                continue;
            }

            if (!properties.TryGetValue(member.Name, out JsonPropertyInfo? property))
            {
                IEnumerable<string> allowed = discriminator is null ? properties.Keys : properties.Keys.Prepend(discriminator);
                mistakes.Add(Place(place, member.Name), "unknown field" + Suggestion.For(member.Name, allowed), string.Join(", ", allowed));
                continue;
            }

            CheckValue(member.Value, SlotOf(property, place));
        }

        foreach (JsonPropertyInfo property in properties.Values.Where(p => p.IsRequired))
        {
            if (!value.TryGetProperty(property.Name, out _))
            {
                mistakes.Add(place, $"the field '{property.Name}' is missing", Describe(property));
            }
        }
    }

    private void AddDuplicates(JsonElement value, string place)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!seen.Add(member.Name))
            {
                mistakes.Add(Place(place, member.Name), "the field stands there twice", "each field once");
            }
        }
    }

    private Type? Derived(JsonElement value, JsonTypeInfo info, string place)
    {
        JsonPolymorphismOptions polymorphism = info.PolymorphismOptions!;
        string discriminator = polymorphism.TypeDiscriminatorPropertyName;
        string[] kinds = [.. polymorphism.DerivedTypes.Select(d => (string)d.TypeDiscriminator!)];
        string allowed = string.Join(", ", kinds);
        if (!value.TryGetProperty(discriminator, out JsonElement kind))
        {
            mistakes.Add(place, $"the field '{discriminator}' is missing", allowed);
            return null;
        }

        if (kind.ValueKind != JsonValueKind.String)
        {
            mistakes.Add(Place(place, discriminator), Mistake.Show(kind), allowed);
            return null;
        }

        int index = Array.IndexOf(kinds, kind.GetString());
        if (index >= 0)
        {
            return polymorphism.DerivedTypes[index].DerivedType;
        }

        mistakes.Add(
            Place(place, discriminator),
            $"the unknown kind \"{Mistake.Shorten(kind.GetString()!)}\"{Suggestion.For(kind.GetString()!, kinds)}",
            allowed);
        return null;
    }

    private static Slot SlotOf(JsonPropertyInfo property, string place) => new(
        property.PropertyType,
        Place(place, property.Name),
        MemberLimits.Of(property.AttributeProvider),
        property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null : property.IsSetNullable,
        property.CustomConverter);

    private string Describe(JsonPropertyInfo property)
    {
        if (ValueRules.Find(property.PropertyType, property.CustomConverter) is ValueRule rule)
        {
            return rule.Allowed(MemberLimits.Of(property.AttributeProvider));
        }

        JsonTypeInfo info = options.GetTypeInfo(property.PropertyType);
        return info.Kind == JsonTypeInfoKind.Enumerable ? "a list" : DescribeObject(info);
    }

    private static string DescribeObject(JsonTypeInfo info) => info.PolymorphismOptions is { } polymorphism
        ? $"an object of the kind {string.Join(", ", polymorphism.DerivedTypes.Select(d => d.TypeDiscriminator))}"
        : "an object";

    /// <summary>The place of a field; a name that is no plain word is quoted.</summary>
    private static string Place(string parent, string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '-')
            ? $"{parent}.{name}"
            : parent + Mistake.PlaceOf(name);
}
