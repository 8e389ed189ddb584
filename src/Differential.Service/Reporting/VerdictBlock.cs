using System.Text;

namespace Differential.Service.Reporting;

/// <summary>What was found and how sure, in sentences, before any table; and when, how long, with what.</summary>
/// <param name="Sentences">The first says what was found.</param>
/// <param name="Warnings">What makes it less sure, a line each; empty for nothing.</param>
/// <param name="Facts">Names and values in small print.</param>
public sealed record VerdictBlock(IReadOnlyList<string> Sentences, IReadOnlyList<string> Warnings, IReadOnlyList<(string Name, string Value)> Facts) : IReportBlock
{
    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        html.Append($"<div class=\"card wide verdict{(Warnings.Count > 0 ? " warned" : string.Empty)}\">");
        foreach (string sentence in Sentences)
        {
            html.Append("<p>").Append(Html.Encode(sentence)).Append("</p>");
        }

        if (Warnings.Count > 0)
        {
            html.Append("<ul>");
            foreach (string warning in Warnings)
            {
                html.Append("<li>").Append(Html.Encode(warning)).Append("</li>");
            }

            html.Append("</ul>");
        }

        html.Append("<dl class=\"facts\">");
        foreach ((string name, string value) in Facts)
        {
            html.Append("<div><dt>").Append(Html.Encode(name)).Append("</dt><dd>").Append(Html.Encode(value)).Append("</dd></div>");
        }

        html.Line("</dl></div>");
    }
}
