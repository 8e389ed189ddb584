using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Theory;

/// <summary>The linear theory's margins on standard output.</summary>
internal static class TheoryTable
{
    public static void Write(TheoryOutcome theory, TextWriter output)
    {
        output.WriteLine($"Largest margin (SVM): {TextTable.Figure(theory.SvmMargin)}");
        output.WriteLine($"Cross-entropy's limit: {TextTable.Figure(theory.CrossEntropyLimit)}; the theorem's bound: {TextTable.Figure(theory.BoundaryBound)}");
        output.WriteLine();
        TextTable.Write(
            output,
            ["training", "margin", "share of the largest", "iterations", "to 99 %", "to 99.9 %"],
            theory.Models.Select(m => new[] { m.Key, TextTable.Figure(m.Value.Margin), TextTable.Share(m.Value.MarginRatio), TextTable.Number(m.Value.Iterations, "0"), TextTable.Figure(m.Value.StepsTo99), TextTable.Figure(m.Value.StepsTo999) }),
            ["to 99 %", "iterations", "to 99.9 %"]);
    }
}
