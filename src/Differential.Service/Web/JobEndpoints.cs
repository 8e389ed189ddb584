using Differential.Core;
using Differential.Core.Data;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Queue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Differential.Service.Web;

/// <summary><c>/jobs</c>: the lists, one job's state, handing one in, cancelling one.</summary>
internal sealed class JobEndpoints(ServiceRoot root, ServiceOptions options, JobLists lists)
{
    private readonly AccessToken _token = new(options.Http.Token);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/jobs", [HttpMethods.Get, HttpMethods.Head], lists.AnswerAsync);
        routes.MapMethods("/jobs/{id}", [HttpMethods.Get, HttpMethods.Head], GetAsync);
        routes.MapPost("/jobs", PostAsync);
        routes.MapDelete("/jobs/{id}", DeleteAsync);
    }

    private Task GetAsync(HttpContext context) => new JobLookup(root).Find(Id(context)) is { } job
        ? Replies.JsonAsync(context, StatusCodes.Status200OK, job)
        : Replies.ErrorAsync(context, StatusCodes.Status404NotFound, "no such job");

    private async Task PostAsync(HttpContext context)
    {
        if (!await _token.AdmitsAsync(context))
        {
            return;
        }

        JobFile job;
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            job = JobReader.Parse(body.ToArray(), "request", new PathPolicy(root.Incoming, options.AllowedRoots));
        }
        catch (InputException exception)
        {
            await Replies.ErrorAsync(context, StatusCodes.Status400BadRequest, exception.Message);
            return;
        }
        catch (BadHttpRequestException exception)
        {
            await Replies.ErrorAsync(context, exception.StatusCode, exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"a job of more than {JobText.MaxBytes} bytes" : "no whole request");
            return;
        }

        try
        {
            string id = HandIn.Submit(root, job);
            context.Response.Headers.Location = $"{options.Http.PathBase}/jobs/{id}";
            await Replies.JsonAsync(context, StatusCodes.Status201Created, new { id });
        }
        catch (InputException exception)
        {
            await Replies.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, exception.Message);
        }
    }

    private async Task DeleteAsync(HttpContext context)
    {
        if (!await _token.AdmitsAsync(context))
        {
            return;
        }

        string id = Id(context);
        await (Cancellation.Cancel(root, id) switch
        {
            CancelOutcome.Cancelled => Replies.JsonAsync(context, StatusCodes.Status200OK, new { id, state = JobState.Cancelled }),
            CancelOutcome.Asked => Replies.JsonAsync(context, StatusCodes.Status202Accepted, new { id, state = "stopping" }),
            CancelOutcome.Ended => Replies.ErrorAsync(context, StatusCodes.Status409Conflict, "the job has ended"),
            _ => Replies.ErrorAsync(context, StatusCodes.Status404NotFound, "no such job"),
        });
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;
}
