using System.Globalization;
using Differential.Core;
using Differential.Service.History;
using Differential.Service.Queue;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Differential.Service.Web;

/// <summary><c>/runs</c>: the runs that have ended, some of them side by side, one of them, and every file that a run has.</summary>
internal sealed class RunEndpoints(RunCatalog catalog, RunFiles files, ServiceRoot root)
{
    private const int MostAtOnce = 500;
    private const int MostCompared = 12;
    private const int LongestFilter = 500;

    // A report is a file like any other to the browser: it runs nothing, asks nobody and can't speak for this page.
    private const string ReportPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Get("/runs", ListAsync, new Operation("listRuns", "The runs that have ended, filtered, sorted and in pages.")
        {
            Parameters =
            [
                new("filter", "Words and conditions that all hold: loss:differential accuracy>0.95 -state:failed.", "string"),
                new("sort", "A field, with - before it for the largest first; -finished by default.", "string"),
                new("from", "How many are passed over.", "integer"),
                new("count", $"How many are given at most, 1 to {MostAtOnce}; 50 by default.", "integer"),
            ],
        }.Gives<RunPage>().Refuses(StatusCodes.Status400BadRequest));
        routes.Get("/runs/compare", CompareAsync, new Operation("compareRuns", "Runs side by side: the fields in which their jobs differ, and their figures.")
        {
            Parameters = [new("id", $"The ids, comma-separated, 2 to {MostCompared}.", "string", IsRequired: true)],
        }.Gives<RunComparison>().Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound));
        routes.Get("/runs/{id}", OneAsync, new Operation("getRun", "A run that has ended, and its files.").Gives<RunDetails>().Refuses(StatusCodes.Status404NotFound));
        routes.Get("/runs/{id}/{**file}", FileAsync, new Operation("getRunFile", "A file of a run, by its path in the run's folder: result.json, report.html, model.safetensors, log.jsonl, jobs/3/result.json. Links are not followed.")
            .GivesFile().Refuses(StatusCodes.Status404NotFound));
    }

    private Task ListAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        string filter = query["filter"].ToString();
        if (!Number(query, "from", 0, int.MaxValue, 0, out int from) || !Number(query, "count", 1, MostAtOnce, 50, out int count) || filter.Length > LongestFilter)
        {
            return Replies.ErrorAsync(context, StatusCodes.Status400BadRequest, $"allowed: filter of at most {LongestFilter} characters, from 0 up, count from 1 to {MostAtOnce}");
        }

        try
        {
            IReadOnlyList<RunSummary> runs = catalog.Find(RunFilter.Parse(filter), query["sort"].ToString());
            return Replies.JsonAsync(context, StatusCodes.Status200OK, new RunPage(runs.Count, from, [.. runs.Skip(from).Take(count)]));
        }
        catch (InputException exception)
        {
            return Replies.ErrorAsync(context, StatusCodes.Status400BadRequest, $"{exception.Place}: {exception.Found}; allowed: {exception.Allowed}");
        }
    }

    private Task CompareAsync(HttpContext context)
    {
        string[] ids = [.. context.Request.Query["id"].SelectMany(static value => (value ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries)).Distinct()];
        if (ids.Length is < 2 or > MostCompared)
        {
            return Replies.ErrorAsync(context, StatusCodes.Status400BadRequest, $"{ids.Length} ids; allowed: 2 to {MostCompared}");
        }

        try
        {
            return Replies.JsonAsync(context, StatusCodes.Status200OK, RunComparison.Of([.. ids.Select(catalog.Find)]));
        }
        catch (InputException exception)
        {
            return Replies.ErrorAsync(context, StatusCodes.Status404NotFound, $"{exception.Place}: {exception.Found}");
        }
    }

    private Task OneAsync(HttpContext context)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        return JobId.IsValid(id) && catalog.Read(root.RunFolder(id), id) is { } run
            ? Replies.JsonAsync(context, StatusCodes.Status200OK, new RunDetails(run, files.List(id)))
            : Replies.ErrorAsync(context, StatusCodes.Status404NotFound, "no such run that has ended");
    }

    private async Task FileAsync(HttpContext context)
    {
        RouteValueDictionary values = context.Request.RouteValues;
        if (files.Open((string)values["id"]!, (string?)values["file"] ?? string.Empty) is not var (content, type))
        {
            await Replies.ErrorAsync(context, StatusCodes.Status404NotFound, "no such file of a run");
            return;
        }

        await using (content)
        {
            context.Response.ContentType = type;
            context.Response.ContentLength = content.Length;
            context.Response.Headers.ContentSecurityPolicy = ReportPolicy;
            if (type == RunFiles.Binary)
            {
                context.Response.Headers.ContentDisposition = "attachment";
            }

            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await CopyAsync(content, context);
            }
        }
    }

    // A log that grows meanwhile is given as long as it was.
    private static async Task CopyAsync(FileStream content, HttpContext context)
    {
        long left = content.Length;
        byte[] buffer = new byte[1 << 16];
        while (left > 0 && await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), context.RequestAborted) is > 0 and var read)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            left -= read;
        }
    }

    private static bool Number(IQueryCollection query, string name, int low, int high, int usual, out int number)
    {
        number = usual;
        return !query.TryGetValue(name, out var text)
            || (int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= low && number <= high);
    }
}

/// <summary>A page of the list of runs.</summary>
/// <param name="Total">Runs that are asked for.</param>
/// <param name="From">How many were passed over.</param>
/// <param name="Runs">Those that follow.</param>
internal sealed record RunPage(int Total, int From, IReadOnlyList<RunSummary> Runs);

/// <summary>A run and its files.</summary>
internal sealed record RunDetails(RunSummary Run, IReadOnlyList<RunFileEntry> Files);

/// <summary>A file of a run.</summary>
/// <param name="Path">Within the run's folder, with slashes.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record RunFileEntry(string Path, long Bytes);
