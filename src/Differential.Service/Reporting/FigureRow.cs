using System.Text;

namespace Differential.Service.Reporting;

/// <summary>The few figures that matter most, large, beside each other.</summary>
public sealed record FigureRow(IReadOnlyList<(string Value, string Label)> Figures) : IReportBlock
{
    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        html.Append("<div class=\"figures\">");
        foreach ((string value, string label) in Figures)
        {
            html.Append("<div class=\"figure\"><b>").Append(Html.Encode(value)).Append("</b><span>").Append(Html.Encode(label)).Append("</span></div>");
        }

        html.Line("</div>");
    }
}

/// <summary>Preformatted text, such as the job as it was run.</summary>
public sealed record TextBlock(string? Title, string Text) : IReportBlock
{
    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        html.Append("<div class=\"card wide\">");
        if (Title is not null)
        {
            html.Append("<h3>").Append(Html.Encode(Title)).Append("</h3>");
        }

        html.Append("<pre>").Append(Html.Encode(Text)).Line("</pre></div>");
    }
}
