using System.Reflection;

namespace Differential.Service.Tests.Architecture;

/// <summary>The folders of a project, which its namespaces follow, use each other one way. The project's root, which puts all together, is no folder.</summary>
public sealed class FolderTests
{
    [Theory]
    [InlineData("Differential.Kernels", "Differential.Kernels")]
    [InlineData("Differential.Core", "Differential.Core")]
    [InlineData("differential", "Differential.Service")]
    public void Folders_OfAProject_UseEachOtherInNoCircle(string assembly, string root)
    {
        Dictionary<string, Dictionary<string, SortedSet<string>>> arrows = Arrows(Assembly.Load(assembly), root);

        // A folder that uses none of those that are left is in no circle; what remains when there is none such are circles and what leads to them.
        while (arrows.Keys.FirstOrDefault(folder => !arrows[folder].Keys.Any(arrows.ContainsKey)) is { } free)
        {
            arrows.Remove(free);
        }

        while (arrows.Keys.FirstOrDefault(folder => !arrows.Values.Any(uses => uses.ContainsKey(folder))) is { } unused)
        {
            arrows.Remove(unused);
        }

        Assert.True(arrows.Count == 0, $"{root}: a circle of folders\n" + string.Join('\n', arrows.SelectMany(
            from => from.Value.Where(to => arrows.ContainsKey(to.Key)).Select(to => $"  {from.Key} -> {to.Key}: {string.Join(", ", to.Value)}"))));
    }

    /// <summary>Which folder uses which other, and by which types.</summary>
    private static Dictionary<string, Dictionary<string, SortedSet<string>>> Arrows(Assembly assembly, string root)
    {
        Dictionary<string, Dictionary<string, SortedSet<string>>> arrows = [];
        foreach (Type type in assembly.GetTypes())
        {
            if (Folder(type, root) is not { } from)
            {
                continue;
            }

            Dictionary<string, SortedSet<string>> uses = arrows.TryGetValue(from, out var known) ? known : arrows[from] = [];
            foreach (Type used in UsedTypes.Of(type).Where(t => t.Assembly == assembly))
            {
                if (Folder(used, root) is { } to && to != from)
                {
                    (uses.TryGetValue(to, out SortedSet<string>? names) ? names : uses[to] = []).Add($"{Outer(type).Name} {Outer(used).Name}");
                }
            }
        }

        return arrows;
    }

    private static string? Folder(Type type, string root) =>
        Outer(type).Namespace is { } space && space.StartsWith(root + ".", StringComparison.Ordinal) ? space[(root.Length + 1)..] : null;

    private static Type Outer(Type type) => type.DeclaringType is { } outer ? Outer(outer) : type;
}
