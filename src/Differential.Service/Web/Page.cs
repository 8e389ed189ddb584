using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Differential.Service.Reporting;
using Microsoft.AspNetCore.Http;

namespace Differential.Service.Web;

/// <summary>The page itself: one document with its style and script inside, each allowed by a nonce that is new for each answer.</summary>
internal static class Page
{
    private static readonly string Document = Resource("page.html")
        .Replace("{{style}}", ReportStyle.Css + "\n" + Resource("page.css"), StringComparison.Ordinal)
        .Replace("{{script}}", Resource("charts.js") + "\n" + Resource("runs.js") + "\n" + Resource("page.js"), StringComparison.Ordinal);

    public static Task WriteAsync(HttpContext context)
    {
        string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        return context.Response.WriteAsync(Document.Replace("{{nonce}}", nonce, StringComparison.Ordinal));
    }

    private static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"page/{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
