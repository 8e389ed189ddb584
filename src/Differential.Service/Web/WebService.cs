using System.Net.Sockets;
using Differential.Core;
using Differential.Service.History;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Reading;
using Differential.Service.Observability;
using Differential.Service.Queue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Web;

/// <summary>The service's web page, as one of the host's services: Kestrel with the few endpoints there are.</summary>
internal sealed partial class WebService(
    ServiceRoot root, ServiceOptions options, StateFeed feed, IncomingIndex incoming, EndedIndex ended, PrometheusExporter exporter, TimeProvider time, ILoggerFactory loggers, ILogger<WebService> logger) : IHostedService, IAsyncDisposable
{
    private const int MaxConnections = 200;

    private readonly HttpAddress _address = HttpAddress.Of(options.Http);
    private WebApplication? _application;

    /// <summary>Where it listens, the port included that the system chose for port 0; null before the start.</summary>
    public string? Url { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        WebApplication application = Create();
        _application = application;
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidOperationException)
        {
            throw new InputException("configuration", "Http:Url", $"\"{_address.Url}\", which can't be listened on ({exception.Message.TrimEnd('.')})", "allowed: a free port of this machine");
        }

        Url = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? _address.Url;
        LogListening(Url);
        if (!_address.IsLoopback)
        {
            LogRemote();
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_application is not null)
        {
            await _application.StopAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }
    }

    private WebApplication Create()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "differential" });
        builder.Services.AddSingleton(new QuietLoggers(loggers));
        builder.Services.AddSingleton<ILoggerFactory>(services => services.GetRequiredService<QuietLoggers>());
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(static json => ServiceState.Configure(json.SerializerOptions));
        builder.Services.AddOpenApi(ApiDocument.Configure);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Limit).UseUrls(_address.Url);

        // Ctrl-C and SIGTERM are the outer host's.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        WebApplication application = builder.Build();
        application.Use(GuardAsync);
        if (!string.IsNullOrEmpty(options.Http.PathBase))
        {
            application.UsePathBase(options.Http.PathBase);
        }

        application.UseRouting();
        new PageEndpoints(feed, new EventStream(feed, root, time), exporter).Map(application, application.Lifetime.ApplicationStopping);
        new RunEndpoints(new RunCatalog(root.Runs), new RunFiles(root), root).Map(application);
        application.MapOpenApi(ApiDocument.Path);
        new JobEndpoints(root, options, new JobLists(feed, incoming, ended)).Map(application);
        application.MapFallback(context => Replies.ErrorAsync(context, StatusCodes.Status404NotFound, "nothing here"));
        return application;
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = JobText.MaxBytes;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
    }

    private Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        return _address.Accepts(context.Request.Host.Host)
            ? next(context)
            : Replies.ErrorAsync(context, StatusCodes.Status421MisdirectedRequest, "this service does not answer to that name; allowed: its address, a loopback name, or a name in Http:Hosts");
    }

    [LoggerMessage(LogLevel.Information, "The service's page is at {Url}")]
    private partial void LogListening(string url);

    [LoggerMessage(LogLevel.Warning, "Other machines can reach the service's page: it shows the jobs to anybody, and tokens travel unencrypted unless a proxy adds TLS")]
    private partial void LogRemote();

    private sealed class NoLifetime : IHostLifetime
    {
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>The outer host's loggers, which the inner host must not dispose; requests themselves are not logged.</summary>
    private sealed class QuietLoggers(ILoggerFactory inner) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

        public ILogger CreateLogger(string categoryName) => new WarningsOnly(inner.CreateLogger(categoryName));

        public void Dispose()
        {
            // The outer host owns what is inside.
        }
    }

    private sealed class WarningsOnly(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
