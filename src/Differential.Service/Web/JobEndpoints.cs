using Differential.Core;
using Differential.Core.Data;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Queue;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Differential.Service.Web;

/// <summary><c>/jobs</c>: the lists, one job's state, handing one in, cancelling one.</summary>
internal sealed class JobEndpoints(ServiceRoot root, ServiceOptions options, JobLists lists)
{
    private readonly AccessToken _token = new(options.Http.Token);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Get("/jobs", lists.AnswerAsync, new Operation("listJobs", "Every job that waits, runs or has ended, filtered and in pages.")
        {
            Parameters =
            [
                new("state", $"Which list: {JobLists.States}; ended by default.", "string"),
                new("text", "Looked for in ids, names, kinds and errors, whatever its case.", "string"),
                new("from", "How many are passed over.", "integer"),
                new("count", $"How many are given at most, 1 to {JobLists.MostAtOnce}; 50 by default.", "integer"),
            ],
        }.Gives<JobPage>().Refuses(StatusCodes.Status400BadRequest));
        routes.Get("/jobs/{id}", GetAsync, new Operation("getJob", "A job, wherever it stands.").Gives<JobView>().Refuses(StatusCodes.Status404NotFound));
        routes.Map("/jobs", [HttpMethods.Post], PostAsync, new Operation("submitJob", "Hands a job in; paths in it are relative to the service's incoming folder.") { NeedsToken = true, TakesJob = true }
            .Gives<HandedIn>(StatusCodes.Status201Created)
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status503ServiceUnavailable));
        routes.Map("/jobs/{id}", [HttpMethods.Delete], DeleteAsync, new Operation("cancelJob", "Takes a job out of the queue (200), or stops a running one at its next step (202).") { NeedsToken = true }
            .Gives<Cancelling>().Gives<Cancelling>(StatusCodes.Status202Accepted)
            .Refuses(StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound, StatusCodes.Status409Conflict));
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
            await Replies.JsonAsync(context, StatusCodes.Status201Created, new HandedIn(id));
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
            CancelOutcome.Cancelled => Replies.JsonAsync(context, StatusCodes.Status200OK, new Cancelling(id, JobState.Cancelled.ToText())),
            CancelOutcome.Asked => Replies.JsonAsync(context, StatusCodes.Status202Accepted, new Cancelling(id, "stopping")),
            CancelOutcome.Ended => Replies.ErrorAsync(context, StatusCodes.Status409Conflict, "the job has ended"),
            _ => Replies.ErrorAsync(context, StatusCodes.Status404NotFound, "no such job"),
        });
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;
}

/// <summary>A job that was handed in.</summary>
internal sealed record HandedIn(string Id);

/// <summary>A job that is being cancelled.</summary>
/// <param name="Id">The job.</param>
/// <param name="State">cancelled, or stopping.</param>
internal sealed record Cancelling(string Id, string State);
