using System.Text;
using Differential.Core.Numerics;

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
    public static Cell Of(double value) => new(Html.Figure(value));

    /// <summary>An attack's budget.</summary>
    public static Cell Budget(double epsilon) => new(new Fraction(epsilon).ToText());

    public static Cell Percent(double? share) => new(share is null ? "–" : Html.Percent(share.Value));
}

/// <summary>A table with a heading row; the first column is left-aligned, the others right-aligned.</summary>
public sealed record TableBlock(string? Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows) : IReportBlock
{
    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        html.Append("<div class=\"card wide\">");
        if (Title is not null)
        {
            html.Append("<h3>").Append(Html.Encode(Title)).Append("</h3>");
        }

        html.Append("<table><thead><tr>");
        foreach (string column in Columns)
        {
            html.Append("<th>").Append(Html.Encode(column)).Append("</th>");
        }

        html.Append("</tr></thead><tbody>");
        foreach (IReadOnlyList<Cell> row in Rows)
        {
            html.Append("<tr>");
            foreach (Cell cell in row)
            {
                string style = cell.Tone switch
                {
                    CellTone.Good => " class=\"good\"",
                    CellTone.Warning => " class=\"warn\"",
                    CellTone.Text => " class=\"text\"",
                    _ => string.Empty,
                };
                html.Append("<td").Append(style).Append('>').Append(Html.Encode(cell.Text)).Append("</td>");
            }

            html.Append("</tr>");
        }

        html.Line("</tbody></table></div>");
    }
}
