using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Differential.Service.Web;

/// <summary>Answers as JSON.</summary>
internal static class Replies
{
    /// <summary><c>{ "error": message }</c> with a status.</summary>
    public static Task ErrorAsync(HttpContext context, int status, string message) => JsonAsync(context, status, new ErrorReply(message));

    public static Task JsonAsync<T>(HttpContext context, int status, T value)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(JsonSerializer.Serialize(value, ServiceState.Json));
    }

    public static Task TextAsync(HttpContext context, int status, string text, string type = "text/plain; charset=utf-8")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text);
    }
}

/// <summary>Why a request was refused.</summary>
/// <param name="Error">One sentence, with what is allowed.</param>
internal sealed record ErrorReply(string Error);
