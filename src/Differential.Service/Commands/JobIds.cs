using System.CommandLine.Completions;
using Differential.Core;
using Differential.Service.Queue;

namespace Differential.Service.Commands;

/// <summary>Jobs by their ids as people type them: whole, or a start that only one job has.</summary>
internal static class JobIds
{
    private const string Allowed = "allowed: an id that 'differential status' lists, or the start of one";

    private const int Shown = 5;

    /// <summary>The job that is meant.</summary>
    /// <exception cref="InputException">No job starts so, or several do.</exception>
    public static JobView Find(ServiceRoot root, string id) => new JobLookup(root).Find(Resolve(root, id)) ?? throw new InputException(root.Path, id, "no such job", Allowed);

    /// <summary>The whole id; a text that no job starts with comes back as it is.</summary>
    /// <exception cref="InputException">Several jobs start so.</exception>
    public static string Resolve(ServiceRoot root, string id)
    {
        ArgumentNullException.ThrowIfNull(root);
        var lookup = new JobLookup(root);
        if (id.Length == 0 || lookup.StateOf(id) is not null)
        {
            return id;
        }

        string[] meant = [.. All(root).Where(known => known.StartsWith(id, StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)];
        return meant.Length switch
        {
            0 => id,
            1 => meant[0],
            _ => throw new InputException(root.Path, id, $"the start of {meant.Length} ids ({string.Join(", ", meant.Take(Shown))}{(meant.Length > Shown ? ", …" : string.Empty)})", "allowed: so much of an id that one job is meant"),
        };
    }

    /// <summary>The ids that a shell offers.</summary>
    public static IEnumerable<CompletionItem> Complete(CompletionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return [.. All(ServiceFolder.Find(context.ParseResult.GetValue(SharedOptions.Root))).Where(id => id.StartsWith(context.WordToComplete, StringComparison.Ordinal)).Select(static id => new CompletionItem(id))];
        }
        catch (InputException)
        {
            return [];
        }
    }

    private static IEnumerable<string> All(ServiceRoot root) => Names(root.Incoming).Select(JobId.From)
        .Concat(Directory.Exists(root.Active) ? Directory.EnumerateDirectories(root.Active).SelectMany(Names) : [])
        .Concat(((string[])[root.Done, root.Failed, root.Cancelled]).SelectMany(Names));

    private static IEnumerable<string> Names(string folder) => JobLookup.Jobs(folder).Select(static file => Path.GetFileNameWithoutExtension(file));
}
