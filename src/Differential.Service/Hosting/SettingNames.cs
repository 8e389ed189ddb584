using System.Reflection;
using Differential.Core;
using Differential.Service.Jobs.Rules;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Differential.Service.Hosting;

/// <summary>Refuses settings that nobody reads: a mistyped name would otherwise leave its setting at the default, silently.</summary>
internal static class SettingNames
{
    private const string Reference = "what docs/configuration.md lists";

    /// <summary>Serilog reads this section itself.</summary>
    private const string Foreign = "Serilog";

    /// <summary>Checks every name that a file or an environment variable sets.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="prefix">What the names of environment variables start with.</param>
    /// <exception cref="InputException">An unknown name, or a single value in the place of a list or a section.</exception>
    public static void Check(IConfigurationRoot configuration, string prefix)
    {
        foreach (IConfigurationProvider provider in configuration.Providers)
        {
            switch (provider)
            {
                case JsonConfigurationProvider json:
                    Check(provider, [typeof(AppSettings), typeof(ServiceOptions)], null, path => (SettingsFiles.NameOf(json), path));
                    break;
                case EnvironmentVariablesConfigurationProvider:
                    Check(provider, [typeof(AppSettings), typeof(ServiceOptions)], null, path => ("environment", prefix + path.Replace(":", "__", StringComparison.Ordinal)));
                    break;
                default:
                    break;
            }
        }
    }

    private static void Check(IConfigurationProvider provider, Type[] types, string? parent, Func<string, (string File, string Place)> place)
    {
        PropertyInfo[] known = [.. types.SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance))];
        foreach (string name in provider.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            string path = parent is null ? name : $"{parent}:{name}";
            if (parent is null && name.Equals(Foreign, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            (string file, string where) = place(path);
            if (known.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } property)
            {
                path = FirstValue(provider, path);
                where = place(path).Place;
                throw new InputException(file, where, $"unknown setting{Suggest(path, where)}", Reference);
            }

            bool isNested = provider.GetChildKeys([], path).Any();
            bool hasValue = provider.TryGet(path, out string? value) && !string.IsNullOrEmpty(value);
            switch (KindOf(property.PropertyType))
            {
                case Kind.Value when isNested:
                    throw new InputException(file, where, "a section or a list", "a single value");
                case Kind.Values when hasValue:
                    throw new InputException(file, where, "a single value", $"a list or a section, as docs/configuration.md describes {path}");
                case Kind.Section when hasValue:
                    throw new InputException(file, where, "a single value", $"a section with {string.Join(", ", property.PropertyType.GetProperties().Select(p => p.Name))}");
                case Kind.Section:
                    Check(provider, [property.PropertyType], path, place);
                    break;
                default:
                    break;
            }
        }
    }

    // What was written is the name of a value, not of the sections that it lies in.
    private static string FirstValue(IConfigurationProvider provider, string path) =>
        provider.GetChildKeys([], path).FirstOrDefault() is { } child ? FirstValue(provider, $"{path}:{child}") : path;

    private enum Kind
    {
        Value,
        Values,
        Section,
    }

    private static Kind KindOf(Type type) =>
        type.IsGenericType && type.GetInterfaces().Contains(typeof(System.Collections.IEnumerable)) ? Kind.Values
        : type == typeof(string) || type.IsValueType ? Kind.Value
        : Kind.Section;

    // The nearest name as it is written in this place: with colons in a file, with underscores in a variable.
    private static string Suggest(string path, string where)
    {
        string before = where == path ? string.Empty : where[..^path.Replace(":", "__", StringComparison.Ordinal).Length];
        IEnumerable<string> names = Names([typeof(AppSettings), typeof(ServiceOptions)], string.Empty).Append(Foreign);
        return Suggestion.For(where, names.Select(n => before + (before.Length == 0 ? n : n.Replace(":", "__", StringComparison.Ordinal))));
    }

    private static IEnumerable<string> Names(Type[] types, string before) => types
        .SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        .SelectMany(p => KindOf(p.PropertyType) == Kind.Section
            ? Names([p.PropertyType], $"{before}{p.Name}:").Append(before + p.Name)
            : [before + p.Name]);
}
