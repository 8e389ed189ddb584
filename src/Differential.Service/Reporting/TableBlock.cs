using System.Globalization;
using System.Text;

namespace Differential.Service.Reporting;

/// <summary>How a cell stands out.</summary>
public enum CellTone
{
    Plain,
    Good,
    Warning,

    /// <summary>Prose: left-aligned, wrapped.</summary>
    Text,
}

/// <summary>A cell of a table.</summary>
public readonly record struct Cell(string Text, CellTone Tone = CellTone.Plain)
{
    /// <summary>What it leads to, relative to the report; null for nothing.</summary>
    public string? Link { get; init; }

    /// <summary>What rows are sorted by in place of the text; null for the text.</summary>
    public double? Sort { get; init; }

    public static Cell Of(double? value) => new(Numbers.Figure(value)) { Sort = value };

    public static Cell Count(long value) => new(Numbers.Count(value)) { Sort = value };

    /// <summary>An attack's budget.</summary>
    public static Cell Budget(double? epsilon) => new(Numbers.Budget(epsilon)) { Sort = epsilon };

    public static Cell Percent(double? share) => new(Numbers.Share(share)) { Sort = share };
}

/// <summary>
/// A table with a heading row: columns of numbers on the right, columns of texts on the left. Where the page is too narrow it scrolls, and says so; or,
/// <see cref="Stacks"/>, each row becomes a card.
/// </summary>
public sealed record TableBlock(string? Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows) : IReportBlock
{
    /// <summary>Whether each column's heading sorts the rows; without a script.</summary>
    public string? SortId { get; init; }

    /// <summary>The row that stands out as the best; null for none.</summary>
    public int? Best { get; init; }

    /// <summary>Whether rows are cards on a narrow page: for rows of prose.</summary>
    public bool Stacks { get; init; }

    /// <summary>Below the table.</summary>
    public string? Note { get; init; }

    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        bool[] isText = [.. Columns.Select((_, k) => k == 0 || Rows.Any(row => row[k].Tone == CellTone.Text) || Rows.Any(row => row[k].Text.Length > 0 && !Numbers.IsNumber(row[k].Text)))];
        html.Append($"<div class=\"card wide{(Stacks ? " stacks" : string.Empty)}\">");
        if (Title is not null)
        {
            html.Append("<h3>").Append(Html.Encode(Title)).Append("</h3>");
        }

        WriteSorting(html);
        html.Append("<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>");
        for (int k = 0; k < Columns.Count; k++)
        {
            html.Append(isText[k] ? "<th class=\"left\">" : "<th>").Append(Heading(k)).Append("</th>");
        }

        html.Append("</tr></thead><tbody>");
        int[][]? ranks = SortId is null ? null : [.. Columns.Select((_, k) => Ranks(k))];
        for (int i = 0; i < Rows.Count; i++)
        {
            string order = ranks is null ? string.Empty : $" style=\"{string.Concat(ranks.Select((of, k) => $"--k{k}:{of[i]};"))}\"";
            html.Append($"<tr{(Best == i ? " class=\"best\"" : string.Empty)}{order}>");
            for (int k = 0; k < Columns.Count; k++)
            {
                WriteCell(html, Rows[i][k], isText[k], Stacks ? Columns[k] : null);
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table></div><p class=\"hint\">The table goes on to the right.</p>");
        html.Line(Note is null ? "</div>" : $"<p class=\"under\">{Html.Encode(Note)}</p></div>");
    }

    private static void WriteCell(StringBuilder html, Cell cell, bool isText, string? label)
    {
        string style = (cell.Tone switch
        {
            CellTone.Good => "good ",
            CellTone.Warning => "warn ",
            CellTone.Text => "text ",
            _ => string.Empty,
        } + (isText && cell.Tone != CellTone.Text ? "left" : string.Empty)).Trim();
        html.Append("<td").Append(style.Length > 0 ? $" class=\"{style}\"" : string.Empty).Append(label is null ? string.Empty : $" data-label=\"{Html.Encode(label)}\"").Append('>');
        string text = Html.Encode(cell.Text);
        html.Append(cell.Link is null ? text : $"<a href=\"{Html.Encode(cell.Link)}\">{text}</a>").Append("</td>");
    }

    private string Heading(int column) => SortId is null
        ? Html.Encode(Columns[column])
        : $"<label for=\"{SortId}{column}d\" title=\"largest first\">{Html.Encode(Columns[column])} ▾</label> <label for=\"{SortId}{column}a\" title=\"smallest first\">▴</label>";

    // A radio button for each column and direction, and a rule that gives the cells of each row the place of its rank.
    private void WriteSorting(StringBuilder html)
    {
        if (SortId is null)
        {
            return;
        }

        var rules = new StringBuilder();
        for (int k = 0; k < Columns.Count; k++)
        {
            foreach ((string direction, string sign, string words) in ((string, string, string)[])[("d", "-1", "largest first"), ("a", "1", "smallest first")])
            {
                string id = $"{SortId}{k}{direction}";
                html.Append($"<input class=\"sort\" type=\"radio\" name=\"{SortId}\" id=\"{id}\" aria-label=\"Sort by {Html.Encode(Columns[k])}, {words}\">");
                rules.Append($"#{id}:checked~.scroll td{{order:calc({sign}*var(--k{k}))}}#{id}:checked~.scroll label[for={id}]{{color:var(--fg)}}");
            }
        }

        rules.Append(CultureInfo.InvariantCulture, $"#{SortId}0a~.scroll table{{display:grid;grid-template-columns:repeat({Columns.Count},auto)}}#{SortId}0a~.scroll :is(thead,tbody,tr){{display:contents}}#{SortId}0a~.scroll th{{order:-99999}}");
        html.Append("<style>").Append(rules).Append("</style>");
    }

    /// <summary>Each row's place when sorted by a column: by number, or by text.</summary>
    private int[] Ranks(int column)
    {
        int[] order = [.. Enumerable.Range(0, Rows.Count).OrderBy(i => Rows[i][column].Sort ?? (Numbers.Parse(Rows[i][column].Text) ?? double.NegativeInfinity)).ThenBy(i => Rows[i][column].Text, StringComparer.Ordinal)];
        var ranks = new int[order.Length];
        for (int place = 0; place < order.Length; place++)
        {
            ranks[order[place]] = place + 1;
        }

        return ranks;
    }
}
