using System.Net;
using Differential.Core;
using Differential.Service.Hosting;
using Microsoft.AspNetCore.Http;

namespace Differential.Service.Web;

/// <summary>Where the page listens, and by which names it may be asked for.</summary>
internal sealed class HttpAddress
{
    private const string Allowed = "allowed: http://127.0.0.1:PORT, http://localhost:PORT or http://[::1]:PORT; another address where Http:AllowRemote is true";

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "localhost" };

    private HttpAddress(string url, bool loopback, IEnumerable<string> names)
    {
        Url = url;
        IsLoopback = loopback;
        _names.UnionWith(names);
    }

    public string Url { get; }

    public bool IsLoopback { get; }

    /// <exception cref="InputException">No URL, or one that other machines reach without leave.</exception>
    public static HttpAddress Of(HttpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string url = options.Url ?? string.Empty;
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            throw Wrong($"\"{url}\", which is no URL", Allowed);
        }

        if (!string.Equals(address.Scheme, "http", StringComparison.OrdinalIgnoreCase) || address.PathBase.Length > 0 || address.IsUnixPipe || address.IsNamedPipe || address.Host.Length == 0)
        {
            throw Wrong($"\"{url}\"", $"{Allowed}; no path, and TLS by a proxy before it");
        }

        string host = address.Host.Trim('[', ']');
        bool loopback = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? ip) && IPAddress.IsLoopback(ip));
        if (!loopback && !options.AllowRemote)
        {
            throw Wrong($"\"{url}\", which other machines can reach", Allowed);
        }

        return new HttpAddress(url, loopback, options.Hosts.Append(host));
    }

    /// <summary>
    /// Whether a request's Host header may be answered. A page elsewhere that points its own name at this address is not:
    /// names are known ones, and an address can't be pointed elsewhere.
    /// </summary>
    public bool Accepts(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        string name = host.Trim('[', ']');
        return _names.Contains(name) || IPAddress.TryParse(name, out _);
    }

    private static InputException Wrong(string found, string allowed) => new("configuration", "Http:Url", found, allowed);
}
