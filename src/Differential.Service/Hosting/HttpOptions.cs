using System.ComponentModel.DataAnnotations;

namespace Differential.Service.Hosting;

/// <summary>The service's web page; configuration section <c>Http</c>.</summary>
public sealed class HttpOptions
{
    /// <summary>Where it listens, e.g. <c>http://127.0.0.1:8080</c>; no page where null.</summary>
    public string? Url { get; set; }

    /// <summary>Whether the address may be one that other machines reach.</summary>
    public bool AllowRemote { get; set; }

    /// <summary>The path below which a proxy offers the page, e.g. <c>/differential</c>; requests may come with or without it.</summary>
    [RegularExpression("(/[A-Za-z0-9._~-]+)*", ErrorMessage = "a path as /differential, without a slash at its end")]
    public string? PathBase { get; set; }

    /// <summary>What <c>POST /jobs</c> and <c>DELETE /jobs/{id}</c> ask for as a bearer token; both are refused where null.</summary>
    [MinLength(16)]
    [MaxLength(1024)]
    public string? Token { get; set; }

    /// <summary>Further names by which browsers and scrapers may ask for the page; loopback names, addresses and the URL's own host always may.</summary>
    public List<string> Hosts { get; } = [];
}
