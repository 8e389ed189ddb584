namespace Differential.Service.Reporting;

/// <summary>The look of a report, light or dark as the reader's system asks.</summary>
internal static class ReportStyle
{
    /// <summary>Colours of series, in order; told apart by people with colour-vision deficiencies (Okabe and Ito's set).</summary>
    public static readonly IReadOnlyList<string> Palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f"];

    public const string Css = """
        :root{color-scheme:light dark;--fg:#1c2430;--muted:#5b6675;--bg:#f5f6f8;--card:#fff;--line:#dfe3e8;--grid:#e9ecf0;--good:#0b7a4b;--warn:#a85b00}
        @media(prefers-color-scheme:dark){:root{--fg:#e6eaf0;--muted:#9aa6b4;--bg:#12161c;--card:#1a2029;--line:#2c3541;--grid:#262e39;--good:#4cc38a;--warn:#f0a04b}}
        *{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
        main{max-width:1180px;margin:0 auto;padding:28px 20px 60px}header h1{margin:0;font-size:26px;letter-spacing:-.01em}header p{margin:4px 0 0;color:var(--muted)}
        section{margin-top:30px}h2{font-size:18px;margin:0 0 8px}.note{margin:0 0 12px;color:var(--muted);max-width:80ch}
        .blocks{display:flex;flex-wrap:wrap;gap:16px;align-items:stretch}.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;flex:1 1 420px;min-width:0;overflow-x:auto}
        .card:not(.wide){max-width:570px}.card.wide{flex-basis:100%}.card h3{margin:0 0 8px;font-size:14px;font-weight:600}
        .figures{display:flex;flex-wrap:wrap;gap:12px;flex:1 1 100%}.figure{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px;min-width:150px;flex:1 1 150px}
        .figure b{display:block;font-size:22px;font-variant-numeric:tabular-nums}.figure span{color:var(--muted);font-size:13px}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:6px 10px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
        th{font-weight:600;color:var(--muted);font-size:13px}th:first-child,td:first-child{text-align:left}tr:last-child td{border-bottom:0}td.text{text-align:left;white-space:normal}
        .good{color:var(--good);font-weight:600}.warn{color:var(--warn);font-weight:600}
        svg{display:block;width:100%;height:auto}svg text{fill:var(--muted);font-size:12px}svg .axis{stroke:var(--muted);stroke-width:1}svg .grid{stroke:var(--grid);stroke-width:1}
        .legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 6px;color:var(--muted);font-size:13px}.legend i{display:inline-block;width:18px;height:0;border-top:3px solid;margin-right:6px;vertical-align:middle}.legend i.dashed{border-top-style:dashed}
        pre{margin:0;white-space:pre-wrap;font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--muted)}
        @media print{body{background:#fff}.card,.figure{break-inside:avoid}}
        """;
}
