using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Differential.Service.Queue;

namespace Differential.Service.Tests.Web;

public sealed partial class WebServiceTests
{
    private const string Job = """{ "kind": "theory", "name": "posted", "data": { "kind": "affine" } }""";

    [Fact]
    public async Task Page_Asked_IsSelfContainedUnderAStrictPolicyWithANewNonce()
    {
        await using WebFolder web = await WebFolder.StartAsync();

        using HttpResponseMessage first = await web.SendAsync(HttpMethod.Get, "/");
        using HttpResponseMessage second = await web.SendAsync(HttpMethod.Get, "/");
        string html = await first.Content.ReadAsStringAsync();
        string policy = Assert.Single(first.Headers.GetValues("Content-Security-Policy"));

        Assert.Equal("text/html", first.Content.Headers.ContentType!.MediaType);
        string nonce = NonceOf().Match(policy).Groups[1].Value;
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains($"<script nonce=\"{nonce}\">", html, StringComparison.Ordinal);
        Assert.Contains($"<style nonce=\"{nonce}\">", html, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("""(src|href)="?(https?:)?//""", html);
        Assert.DoesNotContain(nonce, await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("evil.example:80", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:1", HttpStatusCode.OK)]
    [InlineData("[::1]:1", HttpStatusCode.OK)]
    [InlineData("jobs.example", HttpStatusCode.OK)]
    public async Task Request_NameInItsHostHeader_IsAnsweredWhereTheNameIsKnown(string host, HttpStatusCode status)
    {
        await using WebFolder web = await WebFolder.StartAsync(configure: options => options.Http.Hosts.Add("jobs.example"));

        using HttpResponseMessage reply = await web.SendAsync(HttpMethod.Get, "/healthz", host: host);

        Assert.Equal(status, reply.StatusCode);
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.Forbidden)]
    [InlineData(null, "anything at all", HttpStatusCode.Forbidden)]
    [InlineData(WebFolder.Token, null, HttpStatusCode.Unauthorized)]
    [InlineData(WebFolder.Token, "a token of the test", HttpStatusCode.Unauthorized)]
    [InlineData(WebFolder.Token, "a token of the tests!", HttpStatusCode.Unauthorized)]
    [InlineData(WebFolder.Token, WebFolder.Token, HttpStatusCode.Created)]
    public async Task Post_Token_DecidesWhetherTheJobIsTaken(string? token, string? sent, HttpStatusCode status)
    {
        await using WebFolder web = await WebFolder.StartAsync(token);

        using HttpResponseMessage reply = await web.SendAsync(HttpMethod.Post, "/jobs", Job, sent);
        using HttpResponseMessage delete = await web.SendAsync(HttpMethod.Delete, "/jobs/none", token: sent);

        Assert.Equal(status, reply.StatusCode);
        Assert.Equal(status == HttpStatusCode.Created ? 1 : 0, Directory.GetFiles(web.Root.Incoming, "*.json").Length);
        Assert.Equal(status == HttpStatusCode.Created ? HttpStatusCode.NotFound : status, delete.StatusCode);
    }

    [Fact]
    public async Task PostAndDelete_Job_GoesInAndOutOfTheQueue()
    {
        await using WebFolder web = await WebFolder.StartAsync(WebFolder.Token);

        using HttpResponseMessage posted = await web.SendAsync(HttpMethod.Post, "/jobs", Job, WebFolder.Token);
        string id = (string)JsonNode.Parse(await posted.Content.ReadAsStringAsync())!["id"]!;
        using HttpResponseMessage found = await web.SendAsync(HttpMethod.Get, $"/jobs/{id}");
        using HttpResponseMessage cancelled = await web.SendAsync(HttpMethod.Delete, $"/jobs/{id}", token: WebFolder.Token);
        using HttpResponseMessage again = await web.SendAsync(HttpMethod.Delete, $"/jobs/{id}", token: WebFolder.Token);

        Assert.Equal($"/jobs/{id}", posted.Headers.Location!.OriginalString);
        Assert.Contains("queued", await found.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.True(File.Exists(ServiceRoot.JobFile(web.Root.Cancelled, id)));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    [InlineData("/state")]
    [InlineData("/events")]
    [InlineData("/runs/a/report.html")]
    public async Task Head_OfWhatCanBeRead_IsTheSameAnswerWithoutItsBody(string path)
    {
        await using WebFolder web = await WebFolder.StartAsync();
        web.WriteRun("a", "report.html", "<p>report");

        using HttpResponseMessage head = await web.SendAsync(HttpMethod.Head, path);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using HttpResponseMessage get = await web.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType!.MediaType, head.Content.Headers.ContentType!.MediaType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/tools/differential", "/tools/differential/", HttpStatusCode.OK)]
    [InlineData("/tools/differential", "/tools/differential", HttpStatusCode.PermanentRedirect)]
    [InlineData("/tools/differential", "/tools/differential/healthz", HttpStatusCode.OK)]
    [InlineData("/tools/differential", "/healthz", HttpStatusCode.OK)]
    [InlineData("/tools/differential", "/tools/healthz", HttpStatusCode.NotFound)]
    public async Task PathBase_Set_IsAnsweredWithAndWithoutIt(string pathBase, string path, HttpStatusCode status)
    {
        await using WebFolder web = await WebFolder.StartAsync(configure: options => options.Http.PathBase = pathBase);
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = web.Client.BaseAddress };

        using HttpResponseMessage reply = await client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(status, reply.StatusCode);
        Assert.Equal(status == HttpStatusCode.PermanentRedirect ? pathBase + "/" : null, reply.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task PathBase_Set_IsBeforeTheAddressOfAJobHandedIn()
    {
        await using WebFolder web = await WebFolder.StartAsync(WebFolder.Token, options => options.Http.PathBase = "/tools");

        using HttpResponseMessage posted = await web.SendAsync(HttpMethod.Post, "/jobs", Job, WebFolder.Token);

        Assert.StartsWith("/tools/jobs/posted-", posted.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_LinksToItsOwnService_AreRelative()
    {
        await using WebFolder web = await WebFolder.StartAsync();

        string html = await web.Client.GetStringAsync(new Uri("/", UriKind.Relative));

        Assert.DoesNotMatch("""(href|src)\s*=\s*["'`]/""", html);
        Assert.DoesNotMatch("""(fetch|EventSource)\(["'`]/""", html);
    }

    [Theory]
    [InlineData("", "request: ")]
    [InlineData("{", "request: line 1")]
    [InlineData("""{ "kind": "trian" }""", "request: $.kind: the unknown kind \"trian\" (did you mean 'train'?)")]
    [InlineData("""{ "kind": "theory", "data": { "kind": "points", "path": "../../secret.csv" } }""", "request: $.data.path: \"../../secret.csv\", which leads out of the allowed folders")]
    public async Task Post_BadJob_IsRefusedWithTheOneLineMessage(string body, string message)
    {
        await using WebFolder web = await WebFolder.StartAsync(WebFolder.Token, options => options.AllowedRoots.Add(Path.Combine(Path.GetTempPath(), "data")));

        using HttpResponseMessage reply = await web.SendAsync(HttpMethod.Post, "/jobs", body, WebFolder.Token);
        string error = (string)JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public async Task Post_BodyBeyondTheLimit_IsRefused()
    {
        await using WebFolder web = await WebFolder.StartAsync(WebFolder.Token);

        using HttpResponseMessage reply = await web.SendAsync(HttpMethod.Post, "/jobs", new string(' ', (1 << 20) + 1), WebFolder.Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.StatusCode);
    }

    [Theory]
    [InlineData("/runs/a/report.html", HttpStatusCode.OK)]
    [InlineData("/runs/a/jobs/1/report.html", HttpStatusCode.OK)]
    [InlineData("/runs/a/jobs/x/report.html", HttpStatusCode.NotFound)]
    [InlineData("/runs/a/ticket.json", HttpStatusCode.NotFound)]
    [InlineData("/runs/a/model.safetensors", HttpStatusCode.OK)]
    [InlineData("/runs/%2e%2e/report.html", HttpStatusCode.NotFound)]
    [InlineData("/runs/..%2fruns%2fa/report.html", HttpStatusCode.NotFound)]
    [InlineData("/runs/a/..%2freport.html", HttpStatusCode.NotFound)]
    [InlineData("/runs/linked/report.html", HttpStatusCode.NotFound)]
    [InlineData("/runs/b/report.html", HttpStatusCode.NotFound)]
    [InlineData("/runs/none/report.html", HttpStatusCode.NotFound)]
    public async Task Files_OfRuns_AreGivenOutByNameAndNeverThroughLinks(string path, HttpStatusCode status)
    {
        await using WebFolder web = await WebFolder.StartAsync();
        web.WriteRun("a", "report.html", "<p>report");
        web.WriteRun("a", "jobs/1/report.html", "<p>report");
        web.WriteRun("a", "model.safetensors", "x");
        web.WriteRun("b", "job.json", "{}");
        Directory.CreateSymbolicLink(web.Root.RunFolder("linked"), web.Root.RunFolder("a"));
        File.CreateSymbolicLink(Path.Combine(web.Root.RunFolder("b"), "report.html"), Path.Combine(web.Root.RunFolder("a"), "report.html"));

        using HttpResponseMessage reply = await web.SendAsync(HttpMethod.Get, path);

        Assert.Equal(status, reply.StatusCode);
        if (status == HttpStatusCode.OK)
        {
            Assert.Contains("sandbox", Assert.Single(reply.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("POST", "/")]
    [InlineData("PUT", "/jobs")]
    [InlineData("DELETE", "/runs/a/report.html")]
    [InlineData("GET", "/elsewhere")]
    public async Task Request_ForWhatIsNotThere_IsRefused(string method, string path)
    {
        await using WebFolder web = await WebFolder.StartAsync(WebFolder.Token);

        using HttpResponseMessage reply = await web.SendAsync(new HttpMethod(method), path, token: WebFolder.Token);

        Assert.True(reply.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task State_JobsInEachFolderOneOfAWorkerThatIsGone_ListsThem()
    {
        await using WebFolder web = await WebFolder.StartAsync();
        web.Drop("waiting.json", """{ "kind": "train", "priority": 3, "device": "cuda" }""");
        File.WriteAllText(ServiceRoot.JobFile(web.Root.Done, "finished"), "{}");
        web.WriteRun("finished", "report.html", "x");
        Directory.CreateDirectory(web.Root.WorkerFolder("w"));
        File.WriteAllText(ServiceRoot.JobFile(web.Root.WorkerFolder("w"), "busy"), "{}");

        JsonNode state = JsonNode.Parse(await web.Client.GetStringAsync(new Uri("/state", UriKind.Relative)))!;
        string metrics = await web.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        Assert.Equal("waiting", (string)state["queued"]![0]!["id"]!);
        Assert.Equal(3, (int)state["queued"]![0]!["priority"]!);
        Assert.Equal("busy", (string)state["running"]![0]!["id"]!);
        Assert.Equal("report.html", (string)state["ended"]![0]!["files"]![0]!);
        Assert.Contains("differential_jobs{state=\"queued\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.True((bool)state["running"]![0]!["interrupted"]!);
        Assert.Equal((0, 1), ((int)state["counts"]!["running"]!, (int)state["counts"]!["interrupted"]!));
        Assert.Contains("differential_jobs{state=\"interrupted\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("differential_jobs{state=\"done\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/jobs", 60, "ended-59", 50)]
    [InlineData("/jobs?from=50", 60, "ended-09", 10)]
    [InlineData("/jobs?state=ended&from=60", 60, null, 0)]
    [InlineData("/jobs?state=done&count=5", 40, "ended-59", 5)]
    [InlineData("/jobs?state=failed&text=ENDED-3", 4, "ended-39", 4)]
    [InlineData("/jobs?text=ended-31", 1, "ended-31", 1)]
    [InlineData("/jobs?state=queued&count=3", 70, "first", 3)]
    [InlineData("/jobs?state=queued&from=69", 70, "waiting-68", 1)]
    [InlineData("/jobs?state=queued&text=theory", 1, "first", 1)]
    [InlineData("/jobs?state=queued&text=nothing", 0, null, 0)]
    public async Task Jobs_ListedFilteredAndInPages_AreAllThereInTheirOrder(string path, int total, string? first, int count)
    {
        await using WebFolder web = await WebFolder.StartAsync();
        for (int i = 0; i < 60; i++)
        {
            string id = $"ended-{i:00}";
            new JobTicket { Id = id, Source = id, Claimed = DateTimeOffset.UnixEpoch, Ended = DateTimeOffset.UnixEpoch.AddHours(i) }.Write(web.Root);
            await File.WriteAllTextAsync(ServiceRoot.JobFile(i % 3 == 0 ? web.Root.Failed : web.Root.Done, id), "{}");
        }

        for (int i = 0; i < 69; i++)
        {
            File.SetLastWriteTimeUtc(web.Drop($"waiting-{i:00}.json", """{ "kind": "train" }"""), DateTime.UnixEpoch.AddHours(i));
        }

        web.Drop("first.json", """{ "kind": "theory", "priority": 1 }""");

        JsonNode reply = JsonNode.Parse(await web.Client.GetStringAsync(new Uri(path, UriKind.Relative)))!;

        Assert.Equal((total, count), ((int)reply["total"]!, reply["jobs"]!.AsArray().Count));
        Assert.Equal(first, reply["jobs"]!.AsArray().FirstOrDefault()?["id"]?.GetValue<string>());
    }

    [Theory]
    [InlineData("/jobs?state=gone")]
    [InlineData("/jobs?from=-1")]
    [InlineData("/jobs?count=0")]
    [InlineData("/jobs?count=501")]
    [InlineData("/jobs?from=x")]
    public async Task Jobs_AskedForWrongly_AreRefusedWithWhatIsAllowed(string path)
    {
        await using WebFolder web = await WebFolder.StartAsync();

        using HttpResponseMessage reply = await web.SendAsync(HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains("allowed: ", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_LoopThatTurnsAndARootThatIsGone_AreTold()
    {
        await using WebFolder web = await WebFolder.StartAsync();
        using HttpResponseMessage healthy = await web.SendAsync(HttpMethod.Get, "/healthz");
        using HttpResponseMessage ready = await web.SendAsync(HttpMethod.Get, "/readyz");
        Directory.Delete(web.Root.Incoming);
        using HttpResponseMessage gone = await web.SendAsync(HttpMethod.Get, "/readyz");

        Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, gone.StatusCode);
        Assert.Contains("gone", await gone.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_RunningJob_BringStateAndTheNewLinesOfItsMetrics()
    {
        await using WebFolder web = await WebFolder.StartAsync();
        Directory.CreateDirectory(web.Root.WorkerFolder("w"));
        await File.WriteAllTextAsync(ServiceRoot.JobFile(web.Root.WorkerFolder("w"), "busy"), "{}");
        web.WriteRun("busy", "metrics.jsonl", "{\"step\":1,\"phase\":\"training\"}\n{\"cut");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));

        using var reader = new StreamReader(await web.Client.GetStreamAsync(new Uri("/events", UriKind.Relative), patience.Token));
        string first = await NextAsync(reader, "metrics", patience.Token);
        await File.AppendAllTextAsync(Path.Combine(web.Root.RunFolder("busy"), "metrics.jsonl"), " off\n{\"step\":2,\"phase\":\"training\"}\n");
        string second = await NextAsync(reader, "metrics", patience.Token);

        Assert.Equal("""{"id":"busy","reset":false,"lines":[{"step":1,"phase":"training"}]}""", first);
        Assert.Equal("""{"id":"busy","reset":false,"lines":[{"step":2,"phase":"training"}]}""", second);
    }

    private static async Task<string> NextAsync(StreamReader reader, string name, CancellationToken cancellation)
    {
        string? line;
        do
        {
            line = await reader.ReadLineAsync(cancellation);
        }
        while (line != $"event: {name}");

        return (await reader.ReadLineAsync(cancellation))!["data: ".Length..];
    }

    [GeneratedRegex("script-src 'nonce-([^']+)'")]
    private static partial Regex NonceOf();
}
