using Differential.Service.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Differential.Service.Web;

/// <summary>The page, what it reads, and what probes and scrapers read. All of it read-only.</summary>
internal sealed class PageEndpoints(StateFeed feed, EventStream events, RunFiles files, PrometheusExporter exporter)
{
    // A report is a file like any other to the browser: it runs nothing, asks nobody and can't speak for this page.
    private const string ReportPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public void Map(IEndpointRouteBuilder routes, CancellationToken stopping)
    {
        Get("/", PageAsync);
        Get("/state", context => Replies.JsonAsync(context, StatusCodes.Status200OK, feed.Current()));
        Get("/events", context => events.ServeAsync(context, stopping));
        Get("/runs/{id}/{name}", FileAsync);
        Get("/runs/{id}/jobs/{part}/{name}", FileAsync);
        Get("/metrics", context => Replies.TextAsync(context, StatusCodes.Status200OK, exporter.Collect(), PrometheusText.ContentType));
        Get("/healthz", context => feed.IsAlive
            ? Replies.TextAsync(context, StatusCodes.Status200OK, "ok\n")
            : Replies.TextAsync(context, StatusCodes.Status503ServiceUnavailable, "the queue's loop stands still\n"));
        Get("/readyz", context => feed.Trouble() is { } trouble
            ? Replies.TextAsync(context, StatusCodes.Status503ServiceUnavailable, trouble + "\n")
            : Replies.TextAsync(context, StatusCodes.Status200OK, "ok\n"));

        // A probe or a proxy may ask for the head alone; the server leaves the body out then.
        void Get(string pattern, RequestDelegate answer) => routes.MapMethods(pattern, Reading, answer);
    }

    // The page's links are relative: they need the slash at the end of its own address.
    private static Task PageAsync(HttpContext context)
    {
        if (context.Request.PathBase.HasValue && !context.Request.Path.HasValue)
        {
            context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            context.Response.Headers.Location = context.Request.PathBase + "/";
            return Task.CompletedTask;
        }

        return Page.WriteAsync(context);
    }

    private async Task FileAsync(HttpContext context)
    {
        RouteValueDictionary values = context.Request.RouteValues;
        if (files.Open((string)values["id"]!, (string?)values.GetValueOrDefault("part"), (string)values["name"]!) is not var (content, type))
        {
            await Replies.ErrorAsync(context, StatusCodes.Status404NotFound, "no such file of a run");
            return;
        }

        await using (content)
        {
            context.Response.ContentType = type;
            context.Response.Headers.ContentSecurityPolicy = ReportPolicy;
            await content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }
}
