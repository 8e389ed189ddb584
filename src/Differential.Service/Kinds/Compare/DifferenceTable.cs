using Differential.Core.Decisions;
using Differential.Service.Kinds.Attack;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Compare;

/// <summary>Which network is ahead of which, at the distance that tells most: in words, on standard output and in the report.</summary>
/// <param name="telling">What each network does there, best first.</param>
/// <param name="differences">Of every pair at every distance.</param>
internal sealed class DifferenceTable(IReadOnlyList<RobustLine> telling, IReadOnlyList<NetworkDifference> differences)
{
    private readonly NetworkDifference[] _rows =
        [.. differences.Where(row => telling.Count > 0 && row.Split == telling[0].Split && row.Norm == telling[0].Norm && row.Epsilon.Equals(telling[0].Epsilon))];

    private string Title => $"Differences at {telling[0].Norm.Symbol()} {Numbers.Budget(telling[0].Epsilon)}, {telling[0].Split} samples";

    /// <summary>How sure it is that the best is ahead of the next; null where there are no two to compare.</summary>
    public string? Sentence()
    {
        if (telling.Count < 2 || Of(telling[0].Network, telling[1].Network) is not { } row)
        {
            return null;
        }

        (string? best, string? next) = (telling[0].Network, telling[1].Network);
        ShareDifference robust = row.Network == best ? row.RobustAccuracy : row.RobustAccuracy.Reversed;
        string points = $"{Numbers.Points(robust.Value).TrimStart('+')} points more than {next} (95 %: {Numbers.Points(robust.Interval)})";
        return (robust.Value == 0 ? $"{best} and {next} have the same (95 % of the difference: {Numbers.Points(robust.Interval)})."
            : robust.Interval.Contains(0) ? $"{best} has {points}: the interval holds 0, so this run does not tell which is the more robust."
            : $"{best} is ahead: it has {points}.")
            + (row.Seeds == 1
                ? " Each was trained once: another seed can move such figures by several points."
                : $" Each was trained with {row.Seeds} seeds; the interval is over these.");
    }

    /// <summary>The rows on standard output; nothing where there are none.</summary>
    public void Write(TextWriter output)
    {
        if (_rows.Length == 0)
        {
            return;
        }

        TextTable.Write(
            output,
            [$"points at {telling[0].Norm.Symbol()} {Numbers.Budget(telling[0].Epsilon)}, {telling[0].Split}", "robust accuracy", "certified", "accuracy"],
            _rows.Select(static row => (string[])[Name(row), Text(row.RobustAccuracy), Text(row.CertifiedAccuracy), Text(row.Accuracy)]),
            ["accuracy", "certified"]);
        output.WriteLine();
    }

    /// <summary>The rows for the report.</summary>
    public IReadOnlyList<IReportBlock> Blocks() => _rows.Length == 0
        ? []
        :
        [
            new TableBlock(
                Title,
                ["", "robust accuracy", "certified accuracy", "accuracy"],
                [.. _rows.Select(static row => (IReadOnlyList<Cell>)[new Cell(Name(row)), Cell(row.RobustAccuracy), Cell(row.CertifiedAccuracy), Cell(row.Accuracy)])])
            {
                Note = "In percentage points, with the interval of 95 %. Where the interval holds 0 this run does not tell which network is ahead. "
                    + (_rows[0].Seeds == 1 ? "The intervals are of the samples alone: another seed can move each figure." : "The intervals are of the seeds' differences, on these samples.")
                    + " Of twenty such intervals one misses the true difference. Other distances: result.json.",
            },
        ];

    private NetworkDifference? Of(string? one, string? two) => _rows.FirstOrDefault(row => (row.Network == one && row.Other == two) || (row.Network == two && row.Other == one));

    private static string Name(NetworkDifference row) => $"{row.Network} less {row.Other}";

    private static string Text(ShareDifference? difference) => difference is null ? Numbers.Missing : $"{Numbers.Points(difference.Value)} ({Numbers.Points(difference.Interval)})";

    /// <summary>A difference in points with its interval; one that does not hold 0 stands out.</summary>
    internal static Cell Cell(ShareDifference? difference) => new(Text(difference), difference?.Interval.Contains(0) == false ? CellTone.Good : CellTone.Plain) { Sort = difference?.Value };
}
