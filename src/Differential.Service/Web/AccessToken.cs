using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Differential.Service.Web;

/// <summary>The token that changes ask for.</summary>
internal sealed class AccessToken(string? token)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _hash = string.IsNullOrEmpty(token) ? null : Hash(token);

    /// <summary>Whether a request may change something; if not, it is answered.</summary>
    public async Task<bool> AdmitsAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (_hash is null)
        {
            await Replies.ErrorAsync(context, StatusCodes.Status403Forbidden, "this service takes no jobs over HTTP: Http:Token is not set");
            return false;
        }

        if (!Matches(context.Request.Headers.Authorization))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await Replies.ErrorAsync(context, StatusCodes.Status401Unauthorized, "a missing or wrong token; allowed: Authorization: Bearer and the token of Http:Token");
            return false;
        }

        return true;
    }

    // Hashes are of one length, so that the comparison's time tells nothing of the token, its length included.
    private bool Matches(string? authorization) =>
        authorization is not null
        && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Hash(authorization[Scheme.Length..].Trim()), _hash);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
