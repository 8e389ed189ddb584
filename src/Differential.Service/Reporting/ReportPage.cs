using System.Text;

namespace Differential.Service.Reporting;

/// <summary>One self-contained HTML page: headings and blocks in order, its style inside, no script, no request to anywhere.</summary>
public sealed class ReportPage(string title, string subtitle)
{
    private readonly List<(string? Heading, string? Note, IReadOnlyList<IReportBlock> Blocks)> _sections = [];

    /// <summary>Adds a section; blocks beside each other flow into columns where the window is wide enough.</summary>
    public ReportPage Section(string? heading, string? note, params IReadOnlyList<IReportBlock> blocks)
    {
        _sections.Add((heading, note, blocks));
        return this;
    }

    public string ToHtml()
    {
        var html = new StringBuilder();
        html.Line("<!doctype html>")
            .Line("<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Line("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">")
            .Line($"<title>{Html.Encode(title)}</title>")
            .Line($"<style>{ReportStyle.Css}{ReportStyle.Report}</style></head><body><main>")
            .Line($"<header><h1>{Html.Encode(title)}</h1><p>{Html.Encode(subtitle)}</p></header>");
        foreach ((string? heading, string? note, IReadOnlyList<IReportBlock> blocks) in _sections)
        {
            html.Line("<section>");
            if (heading is not null)
            {
                html.Line($"<h2>{Html.Encode(heading)}</h2>");
            }

            if (note is not null)
            {
                html.Line($"<p class=\"note\">{Html.Encode(note)}</p>");
            }

            html.Line("<div class=\"blocks\">");
            foreach (IReportBlock block in blocks)
            {
                block.Write(html);
            }

            html.Line("</div></section>");
        }

        return html.Line("</main></body></html>").ToString();
    }
}
