namespace Differential.Service.Reporting;

/// <summary>The look of a report, light or dark as the reader's system asks.</summary>
internal static class ReportStyle
{
    /// <summary>Colours of series, told apart by people with colour-vision deficiencies (Okabe and Ito's set); lighter ones on dark pages.</summary>
    public const int Colors = 7;

    /// <summary>What reports and the service's page share.</summary>
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

    /// <summary>What reports alone have: charts that fill any width, tables that scroll or stack, pictures.</summary>
    public const string Report = """
        :root{--s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#cc79a7;--s4:#e69f00;--s5:#56b4e9;--s6:#7f7f7f}
        @media(prefers-color-scheme:dark){:root{--s0:#56b4e9;--s1:#f0904d;--s2:#2fc79a;--s3:#e3a1c6;--s4:#f0c04b;--s5:#9ad4f5;--s6:#a8a8a8}}
        .s0{color:var(--s0)}.s1{color:var(--s1)}.s2{color:var(--s2)}.s3{color:var(--s3)}.s4{color:var(--s4)}.s5{color:var(--s5)}.s6{color:var(--s6)}
        table{border-collapse:separate;border-spacing:0}.legend{margin-bottom:14px}header h1,header p,h2,h3{overflow-wrap:anywhere}a{color:var(--s0)}.card{overflow:visible}.left{text-align:left!important}
        .verdict{font-size:17px;line-height:1.5;border-left:4px solid var(--good)}.verdict.warned{border-left-color:var(--warn)}.verdict p{margin:0 0 8px;max-width:90ch}.verdict ul{margin:4px 0 8px;padding-left:20px;font-size:15px;max-width:100ch}
        .facts{display:flex;flex-wrap:wrap;gap:2px 22px;margin:10px 0 0;font-size:13px;color:var(--muted)}.facts dt{display:inline}.facts dd{display:inline;margin:0 0 0 6px;color:var(--fg);font-variant-numeric:tabular-nums}
        figure.chart{margin:0}.plot{display:grid;grid-template-columns:18px 46px minmax(0,1fr);grid-template-rows:var(--height,230px) 22px auto;padding-right:14px;font-size:12px;color:var(--muted)}
        .plot svg{grid-column:3;grid-row:1;width:100%;height:100%;overflow:visible}.plot svg *{vector-effect:non-scaling-stroke}
        .plot b{position:absolute;font-weight:400;white-space:nowrap;font-variant-numeric:tabular-nums}.ys{grid-column:2;grid-row:1;position:relative}.ys b{right:7px;transform:translateY(50%);line-height:1}
        .xs{grid-column:3;grid-row:2;position:relative}.xs b{top:4px;transform:translateX(-50%)}.yl{grid-column:1;grid-row:1;writing-mode:vertical-rl;transform:rotate(180deg);text-align:center}.xl{grid-column:3;grid-row:3;text-align:center}
        .line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}.dash{stroke-dasharray:6 4}.dot{stroke:currentColor;stroke-width:7;stroke-linecap:round}.band{fill:currentColor;fill-opacity:.16;stroke:currentColor;stroke-opacity:.3}
        .bars{fill:currentColor;fill-opacity:.35;stroke:currentColor;stroke-width:1}.reference{stroke:var(--muted);stroke-width:1.5;stroke-dasharray:2 4}.under{margin:8px 0 0;font-size:13px;color:var(--muted)}
        .scroll{overflow-x:auto;background:linear-gradient(90deg,var(--card) 40%,transparent) 0 0/40px 100%,linear-gradient(270deg,var(--card) 40%,transparent) 100% 0/40px 100%,linear-gradient(90deg,var(--line),transparent) 0 0/14px 100%,linear-gradient(270deg,var(--line),transparent) 100% 0/14px 100%;background-repeat:no-repeat;background-attachment:local,local,scroll,scroll}
        .hint{display:none;margin:6px 0 0;font-size:12px;color:var(--muted)}.best td{background:color-mix(in srgb,var(--good) 14%,transparent);font-weight:600}th label{cursor:pointer}
        input.sort{position:absolute;opacity:0;pointer-events:none}input.sort:focus-visible~.scroll{outline:2px solid var(--s0)}
        .matrix td{text-align:center;min-width:56px}.matrix td:first-child{text-align:left}
        .shots{flex:1 1 345px;max-width:none!important}.examples{display:flex;flex-wrap:wrap;gap:14px 26px}.example{margin:0;font-size:12px;color:var(--muted);max-width:330px}.example div{display:flex;gap:6px;margin-bottom:4px}.example img{width:104px;height:auto;image-rendering:pixelated;border:1px solid var(--line);border-radius:4px;background:#808080}
        .plane{aspect-ratio:var(--ratio,1)}.regions{opacity:.22}.move{stroke:var(--fg);stroke-width:1;opacity:.7}.contour{fill:none;stroke:var(--fg);stroke-width:2}.contour.dash{stroke-width:1.2}
        @media(max-width:620px){main{padding:18px 12px 40px}.card{padding:12px;flex-basis:100%}.hint{display:block}th,td{padding:6px 7px}.plot{--height:210px}.example img{width:92px}
        .scroll th:first-child,.scroll td:first-child{position:sticky;left:0;background:var(--card)}
        .stacks .hint,.stacks thead{display:none}.stacks table,.stacks tbody,.stacks tr,.stacks td{display:block}.stacks tr{padding:8px 0;border-bottom:1px solid var(--line)}.stacks td{border:0;padding:1px 0;text-align:left;white-space:normal}.stacks td::before{content:attr(data-label) ": ";color:var(--muted);font-size:12px}}
        """;
}
