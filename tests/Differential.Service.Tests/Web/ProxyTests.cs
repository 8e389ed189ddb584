using System.Diagnostics;
using System.Net;
using Differential.Service.Queue;
using Differential.Service.Tests.Queue;
using Differential.Service.Tests.Reliability;

namespace Differential.Service.Tests.Web;

/// <summary>What a user gets behind a real nginx with its defaults: the whole page below a path, and its events at once.</summary>
public sealed class ProxyTests : IDisposable
{
    private const string Nginx = "/usr/sbin/nginx";

    private readonly QueueFolder _folder = new();
    private readonly TestFolder _proxy = new();
    private Process? _nginx;

    [SkippableTheory]
    [InlineData("the proxy takes the path off", "/", null)]
    [InlineData("the proxy leaves the path on", "", "/tools/differential")]
    public async Task Page_BelowAPath_IsThereWithItsEventsProbesAndLinks(string name, string passes, string? pathBase)
    {
        Skip.IfNot(File.Exists(Nginx), "nginx is not installed");
        using ServiceProcess service = Serve(pathBase);
        using HttpClient client = Proxy($"location /tools/differential/ {{ proxy_pass {service.Url}{passes}; }}");

        using HttpResponseMessage page = await client.GetAsync(new Uri("/tools/differential/", UriKind.Relative));
        using HttpResponseMessage bare = await client.GetAsync(new Uri("/tools/differential", UriKind.Relative));
        Assert.True(page.StatusCode == HttpStatusCode.OK, name);
        Assert.Equal(HttpStatusCode.OK, bare.StatusCode);
        Assert.True(Wait.Until(() => PulseFile.Youngest(_folder.Root) is not null, TimeSpan.FromSeconds(60)), service.Log);
        foreach (string path in (string[])["healthz", "readyz", "metrics", "state", "jobs", string.Empty])
        {
            using var head = new HttpRequestMessage(HttpMethod.Head, $"/tools/differential/{path}");
            using HttpResponseMessage reply = await client.SendAsync(head);
            Assert.True(reply.StatusCode == HttpStatusCode.OK, $"{name}: HEAD {path}: {reply.StatusCode}");
        }

        // The first event is here long before nginx's buffer is full.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var reader = new StreamReader(await client.GetStreamAsync(new Uri("/tools/differential/events", UriKind.Relative), patience.Token));
        Assert.Equal("event: state", await reader.ReadLineAsync(patience.Token));
    }

    [SkippableFact]
    public async Task Job_HandedInThroughTheProxy_IsFoundAtTheAddressThatItAnswers()
    {
        Skip.IfNot(File.Exists(Nginx), "nginx is not installed");
        using ServiceProcess service = Serve("/tools/differential");
        using HttpClient client = Proxy($"location /tools/differential/ {{ proxy_pass {service.Url}; }}");
        using var post = new HttpRequestMessage(HttpMethod.Post, "/tools/differential/jobs") { Content = new StringContent("""{ "kind": "theory", "data": { "kind": "affine" } }""") };
        post.Headers.Authorization = new("Bearer", WebFolder.Token);

        using HttpResponseMessage posted = await client.SendAsync(post);
        using HttpResponseMessage found = await client.GetAsync(posted.Headers.Location);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (posted.StatusCode, found.StatusCode));
    }

    public void Dispose()
    {
        if (_nginx is not null)
        {
            _nginx.Kill();
            _nginx.WaitForExit();
            _nginx.Dispose();
        }

        _proxy.Dispose();
        _folder.Dispose();
    }

    private ServiceProcess Serve(string? pathBase) => ServiceProcess.Serve(
        _folder.Root.Path,
        ("DIFFERENTIAL__Http__Url", "http://127.0.0.1:0"),
        ("DIFFERENTIAL__Http__Token", WebFolder.Token),
        ("DIFFERENTIAL__Queue__MinimumFreeBytes", "0"),
        ("DIFFERENTIAL__Http__PathBase", pathBase ?? string.Empty));

    private HttpClient Proxy(string location)
    {
        int port = FreePort();
        string file = _proxy.Write("nginx.conf", $$"""
            daemon off; master_process off; pid {{_proxy.In("pid")}}; error_log {{_proxy.In("error.log")}};
            events { }
            http { access_log off; client_body_temp_path {{_proxy.In("body")}}; proxy_temp_path {{_proxy.In("temp")}};
              fastcgi_temp_path {{_proxy.In("f")}}; uwsgi_temp_path {{_proxy.In("u")}}; scgi_temp_path {{_proxy.In("s")}};
              server { listen 127.0.0.1:{{port}}; absolute_redirect off; {{location}} } }
            """);
        _nginx = Process.Start(new ProcessStartInfo(Nginx, ["-c", file, "-p", _proxy.Path]) { RedirectStandardError = true })!;
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.True(Wait.Until(() => IsListening(port), TimeSpan.FromSeconds(30)), "nginx did not start");
        return client;
    }

    private static bool IsListening(int port)
    {
        try
        {
            using var client = new System.Net.Sockets.TcpClient("127.0.0.1", port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
