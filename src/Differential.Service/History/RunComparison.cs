namespace Differential.Service.History;

/// <summary>Runs side by side: what their jobs differ in, and the figures of their results.</summary>
/// <param name="Runs">The runs, in the order asked for.</param>
/// <param name="Fields">The fields that differ; a value for each run, empty where it has none.</param>
/// <param name="Figures">The figures of the results; a value for each run.</param>
internal sealed record RunComparison(IReadOnlyList<RunSummary> Runs, IReadOnlyList<ComparedField> Fields, IReadOnlyList<ComparedFigure> Figures)
{
    // What every run differs in by its nature.
    private static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase) { "id", "name", "started", "finished", "seconds", "state", "error" };

    public static RunComparison Of(IReadOnlyList<RunSummary> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        IEnumerable<string> names = runs.SelectMany(static r => r.Fields.Keys).Distinct(StringComparer.OrdinalIgnoreCase).Where(static name => !Own.Contains(name));
        ComparedField[] fields =
        [
            .. names.Select(name => new ComparedField(name, [.. runs.Select(run => run.Fields.TryGetValue(name, out FieldValue value) ? value.Text : string.Empty)]))
                .Where(static field => field.Values.Distinct().Count() > 1),
        ];
        ComparedFigure[] figures =
        [
            new ComparedFigure("seconds", [.. runs.Select(static r => (double?)r.Seconds)]),
            .. runs.SelectMany(static r => r.Figures.Keys).Distinct().Select(name => new ComparedFigure(name, [.. runs.Select(run => run.Figures.GetValueOrDefault(name))])),
        ];

        // An object's kind stands beside the object's own name already.
        return new RunComparison(runs, [.. fields.Where(field => !Array.Exists(fields, f => field.Name == f.Name + ".kind"))], figures);
    }
}

/// <summary>A field of the jobs.</summary>
internal sealed record ComparedField(string Name, IReadOnlyList<string> Values);

/// <summary>A figure of the results.</summary>
internal sealed record ComparedFigure(string Name, IReadOnlyList<double?> Values)
{
    /// <summary>Whether it is a share, which people read as a percentage.</summary>
    public bool IsShare => Name.EndsWith("Accuracy", StringComparison.Ordinal) || Name.EndsWith("flipRate", StringComparison.Ordinal) || Name.EndsWith("Ratio", StringComparison.Ordinal);
}
