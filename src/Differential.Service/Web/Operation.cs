using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Differential.Service.Web;

/// <summary>What an endpoint does, as <c>/openapi.json</c> tells it.</summary>
/// <param name="Name">The operation's id, for generated clients.</param>
/// <param name="Summary">One sentence.</param>
internal sealed record Operation(string Name, string Summary)
{
    private readonly List<object> _answers = [];

    /// <summary>What the query may hold.</summary>
    public IReadOnlyList<QueryParameter> Parameters { get; init; } = [];

    /// <summary>Whether a token is asked for.</summary>
    public bool NeedsToken { get; init; }

    /// <summary>Whether the body is a job file.</summary>
    public bool TakesJob { get; init; }

    /// <summary>Answers as metadata of an endpoint.</summary>
    public IReadOnlyList<object> Answers => _answers;

    public Operation Gives<T>(int status = StatusCodes.Status200OK)
    {
        _answers.Add(new ProducesResponseTypeMetadata(status, typeof(T), ["application/json"]));
        return this;
    }

    public Operation GivesText(int status = StatusCodes.Status200OK, string type = "text/plain")
    {
        _answers.Add(new ProducesResponseTypeMetadata(status, typeof(string), [type]));
        return this;
    }

    public Operation GivesFile()
    {
        _answers.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), ["application/octet-stream", "application/json", "text/html", "text/plain"]));
        return this;
    }

    public Operation Refuses(params ReadOnlySpan<int> statuses)
    {
        foreach (int status in statuses)
        {
            Gives<ErrorReply>(status);
        }

        return this;
    }
}

/// <summary>A parameter of a query.</summary>
internal sealed record QueryParameter(string Name, string Description, string Type, bool IsRequired = false);

/// <summary>Maps endpoints with what they do.</summary>
internal static class OperationRoutes
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>A probe or a proxy may ask for the head alone; the server leaves the body out then.</summary>
    public static void Get(this IEndpointRouteBuilder routes, string pattern, RequestDelegate answer, Operation? operation = null) => Map(routes, pattern, Reading, answer, operation);

    public static void Map(this IEndpointRouteBuilder routes, string pattern, IEnumerable<string> methods, RequestDelegate answer, Operation? operation)
    {
        IEndpointConventionBuilder endpoint = routes.MapMethods(pattern, methods, answer);
        if (operation is null)
        {
            endpoint.ExcludeFromDescription();
            return;
        }

        endpoint.WithMetadata([answer.Method, operation, .. operation.Answers]);
    }
}
