using System.Net.Http.Headers;
using Differential.Service.Hosting;
using Differential.Service.Observability;
using Differential.Service.Queue;
using Differential.Service.Tests.Queue;
using Differential.Service.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Differential.Service.Tests.Web;

/// <summary>A root with the page on a port of its own, and no queue behind it but the pulse that the test gives.</summary>
internal sealed class WebFolder : IAsyncDisposable
{
    public const string Token = "a token of the tests";

    private readonly QueueFolder _folder = new();
    private readonly ServiceMeter _meter;
    private readonly PrometheusExporter _exporter;
    private readonly WebService _service;

    private WebFolder(ServiceOptions options)
    {
        options.Root = _folder.Root.Path;
        options.Queue.MinimumFreeBytes = 0;
        options.Queue.SettleTime = TimeSpan.FromMilliseconds(100);
        _meter = new ServiceMeter(Live);
        _exporter = new PrometheusExporter(_meter.Meter);
        var incoming = new IncomingIndex(Root, options.Queue, TimeProvider.System);
        var ended = new EndedIndex(Root, TimeProvider.System);
        var feed = new StateFeed(Root, options, Live, Pulse, new Troubles(TimeProvider.System), _meter, incoming, ended, TimeProvider.System);
        _service = new WebService(Root, options, feed, incoming, ended, _exporter, TimeProvider.System, NullLoggerFactory.Instance, NullLogger<WebService>.Instance);
    }

    public ServiceRoot Root => _folder.Root;

    public LiveJobs Live { get; } = new();

    public LoopPulse Pulse { get; } = new(TimeProvider.System);

    public HttpClient Client { get; } = new();

    public static async Task<WebFolder> StartAsync(string? token = null, Action<ServiceOptions>? configure = null)
    {
        var options = new ServiceOptions();
        options.Http.Url = "http://127.0.0.1:0";
        options.Http.Token = token;
        configure?.Invoke(options);
        var folder = new WebFolder(options);
        await folder._service.StartAsync(CancellationToken.None);
        folder.Client.BaseAddress = new Uri(folder._service.Url!);
        folder.Pulse.Beat(0, 0);
        return folder;
    }

    public string Drop(string name, string text) => _folder.Drop(name, text);

    /// <summary>Writes a file of a run.</summary>
    public void WriteRun(string id, string name, string text)
    {
        string file = Path.Combine(Root.RunFolder(id), name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, string? token = null, string? host = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Host = host;
        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _service.StopAsync(CancellationToken.None);
        await _service.DisposeAsync();
        _exporter.Dispose();
        _meter.Dispose();
        _folder.Dispose();
    }
}
