using System.Text;

namespace Differential.Service.Reporting;

/// <summary>A confusion matrix: rows are what samples are, columns what they are decided for, darker where more of a row's samples are.</summary>
/// <param name="Title">Above it.</param>
/// <param name="Classes">Their names.</param>
/// <param name="Counts">[class][class].</param>
public sealed record MatrixBlock(string Title, IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<int>> Counts) : IReportBlock
{
    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        html.Append("<div class=\"card matrix\"><h3>").Append(Html.Encode(Title)).Append("</h3><div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th>is \\ decided for</th>");
        foreach (string name in Classes)
        {
            html.Append("<th>").Append(Html.Encode(name)).Append("</th>");
        }

        html.Append("<th>correct</th></tr></thead><tbody>");
        for (int k = 0; k < Classes.Count; k++)
        {
            double sum = Math.Max(1, Counts[k].Sum());
            html.Append("<tr><td>").Append(Html.Encode(Classes[k])).Append("</td>");
            for (int other = 0; other < Classes.Count; other++)
            {
                string color = other == k ? "--good" : "--warn";
                html.Append($"<td style=\"background:color-mix(in srgb,var({color}) {Html.Number(Math.Round(60 * Counts[k][other] / sum))}%,transparent)\">{Numbers.Count(Counts[k][other])}</td>");
            }

            html.Append($"<td>{Numbers.Share(Counts[k].Sum() == 0 ? null : Counts[k][k] / sum)}</td></tr>");
        }

        html.Line("</tbody></table></div></div>");
    }
}
