using Differential.Service.Observability;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Differential.Service.Web;

/// <summary>The page, what it reads, and what probes and scrapers read. All of it read-only.</summary>
internal sealed class PageEndpoints(StateFeed feed, EventStream events, PrometheusExporter exporter)
{
    public void Map(IEndpointRouteBuilder routes, CancellationToken stopping)
    {
        routes.Get("/", PageAsync);
        routes.Get("/state", context => Replies.JsonAsync(context, StatusCodes.Status200OK, feed.Current()), new Operation("getState", "The whole service at this moment.").Gives<ServiceState>());
        routes.Get("/events", context => events.ServeAsync(context, stopping), new Operation("streamEvents", "Server-sent events: state on each change, metrics with the new lines of each running job.")
            .GivesText(type: "text/event-stream").Refuses(StatusCodes.Status503ServiceUnavailable));
        routes.Get("/metrics", context => Replies.TextAsync(context, StatusCodes.Status200OK, exporter.Collect(), PrometheusText.ContentType), new Operation("getMetrics", "Prometheus' text format 0.0.4.").GivesText());
        routes.Get(
            "/healthz",
            context => feed.IsAlive
                ? Replies.TextAsync(context, StatusCodes.Status200OK, "ok\n")
                : Replies.TextAsync(context, StatusCodes.Status503ServiceUnavailable, "the queue's loop stands still\n"),
            new Operation("getHealth", "Whether the queue's loop turns.").GivesText().GivesText(StatusCodes.Status503ServiceUnavailable));
        routes.Get(
            "/readyz",
            context => feed.Trouble() is { } trouble
                ? Replies.TextAsync(context, StatusCodes.Status503ServiceUnavailable, trouble + "\n")
                : Replies.TextAsync(context, StatusCodes.Status200OK, "ok\n"),
            new Operation("getReadiness", "Whether jobs are taken, and why not.").GivesText().GivesText(StatusCodes.Status503ServiceUnavailable));
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
}
