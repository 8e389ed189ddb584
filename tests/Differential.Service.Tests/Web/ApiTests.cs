using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Differential.Service.Queue;
using Differential.Service.Tests.History;
using Json.Schema;

namespace Differential.Service.Tests.Web;

/// <summary>What /openapi.json says, held against the answers; runs and their files over HTTP.</summary>
public sealed class ApiTests
{
    private const string Waiting = """{ "kind": "train", "priority": 3 }""";

    private static readonly Uri Document = new("/openapi.json", UriKind.Relative);

    [Fact]
    public async Task Document_Asked_DescribesEveryOperationOfVersion31()
    {
        await using WebFolder web = await WebFolder.StartAsync();

        JsonNode api = JsonNode.Parse(await web.Client.GetStringAsync(Document))!;

        Assert.StartsWith("3.1", (string)api["openapi"]!, StringComparison.Ordinal);
        Assert.Equal(
            [
                "cancelJob", "compareRuns", "getHealth", "getJob", "getMetrics", "getReadiness", "getRun", "getRunFile", "getState", "listJobs", "listRuns", "streamEvents", "submitJob",
            ],
            Operations(api).Select(static o => (string)o["operationId"]!).Order(StringComparer.Ordinal));
        Assert.All(Operations(api), static o => Assert.False(string.IsNullOrEmpty((string)o["summary"]!)));
        Assert.Equal(2, Operations(api).Count(static o => o["security"] is not null));
    }

    [Theory]
    [InlineData("/state", "/state")]
    [InlineData("/jobs", "/jobs?state=all")]
    [InlineData("/jobs", "/jobs?state=queued")]
    [InlineData("/jobs", "/jobs?state=failed")]
    [InlineData("/jobs", "/jobs?state=nonsense")]
    [InlineData("/jobs/{id}", "/jobs/waiting")]
    [InlineData("/jobs/{id}", "/jobs/busy")]
    [InlineData("/jobs/{id}", "/jobs/none")]
    [InlineData("/runs", "/runs")]
    [InlineData("/runs", "/runs?filter=loss:differential&sort=-accuracy&count=1")]
    [InlineData("/runs", "/runs?filter=wrong>1")]
    [InlineData("/runs/compare", "/runs/compare?id=a,c")]
    [InlineData("/runs/compare", "/runs/compare?id=a")]
    [InlineData("/runs/compare", "/runs/compare?id=a,zzz")]
    [InlineData("/runs/{id}", "/runs/a")]
    [InlineData("/runs/{id}", "/runs/none")]
    public async Task Answer_OfAnOperation_IsAsTheDocumentSays(string path, string request)
    {
        await using WebFolder web = await Filled();
        JsonNode api = JsonNode.Parse(await web.Client.GetStringAsync(Document))!;

        using HttpResponseMessage reply = await web.SendAsync(HttpMethod.Get, request);
        string text = await reply.Content.ReadAsStringAsync();

        JsonNode told = api["paths"]![path]!["get"]!["responses"]![$"{(int)reply.StatusCode}"] ?? throw new InvalidOperationException($"{(int)reply.StatusCode} is not told of: {text}");
        JsonObject schema = told["content"]!["application/json"]!["schema"]!.DeepClone().AsObject();
        schema["$defs"] = api["components"]!["schemas"]!.DeepClone();
        EvaluationResults result = JsonSchema.FromText(schema.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal)).Evaluate(System.Text.Json.JsonDocument.Parse(text).RootElement, new Json.Schema.EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.True(result.IsValid, text + "\n" + string.Join('\n', (result.Details ?? []).Where(static d => d.Errors is not null).SelectMany(static d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}"))));
    }

    [Theory]
    [InlineData("/jobs?state=all", "busy waiting failed")]
    [InlineData("/jobs?state=running", "busy")]
    [InlineData("/jobs?state=all&text=fail", "failed")]
    [InlineData("/jobs?state=all&from=1&count=1", "waiting")]
    public async Task Jobs_OfEveryState_AreListedOnTheirWay(string path, string ids)
    {
        await using WebFolder web = await Filled();

        JsonNode reply = JsonNode.Parse(await web.Client.GetStringAsync(new Uri(path, UriKind.Relative)))!;

        Assert.Equal(ids, string.Join(' ', reply["jobs"]!.AsArray().Select(static j => (string)j!["id"]!)));
    }

    [Fact]
    public async Task Run_Asked_NamesEveryFileThatItGivesOut()
    {
        await using WebFolder web = await Filled();

        JsonNode run = JsonNode.Parse(await web.Client.GetStringAsync(new Uri("/runs/a", UriKind.Relative)))!;
        string[] files = [.. run["files"]!.AsArray().Select(static f => (string)f!["path"]!)];

        Assert.Equal(["job.json", "jobs/1/result.json", "log.jsonl", "model.safetensors", "models/x@2/model.safetensors", "result.json"], files);
        foreach (JsonNode? file in run["files"]!.AsArray())
        {
            byte[] content = await web.Client.GetByteArrayAsync(new Uri($"/runs/a/{(string)file!["path"]!}", UriKind.Relative));
            Assert.Equal((long)file["bytes"]!, content.Length);
        }

        Assert.Equal("model of x", Encoding.UTF8.GetString(await web.Client.GetByteArrayAsync(new Uri("/runs/a/models/x@2/model.safetensors", UriKind.Relative))));
    }

    [Theory]
    [InlineData("/runs/a/checkpoint/run.json")]
    [InlineData("/runs/a/ticket.json")]
    [InlineData("/runs/a/.hidden")]
    [InlineData("/runs/a/models/../../b/result.json")]
    [InlineData("/runs/a/models%2f..%2f..%2fb%2fresult.json")]
    [InlineData("/runs/a/linked/result.json")]
    [InlineData("/runs/a/models")]
    [InlineData("/runs/a/%2fetc%2fpasswd")]
    [InlineData("/runs/a//etc/passwd")]
    public async Task File_ThatIsNotGivenOut_IsNotFound(string path)
    {
        await using WebFolder web = await Filled();
        web.WriteRun("a", "checkpoint/run.json", "{}");
        web.WriteRun("a", "ticket.json", "{}");
        web.WriteRun("a", ".hidden", "x");
        web.WriteRun("elsewhere", "result.json", "{}");
        Directory.CreateSymbolicLink(Path.Combine(web.Root.RunFolder("a"), "linked"), web.Root.RunFolder("elsewhere"));

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(web.Client.BaseAddress + path.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using HttpResponseMessage reply = await web.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
    }

    private static IEnumerable<JsonNode> Operations(JsonNode api) => api["paths"]!.AsObject().SelectMany(static p => p.Value!.AsObject().Select(static o => o.Value!)).Where(static o => o["operationId"] is not null);

    private static async Task<WebFolder> Filled()
    {
        WebFolder web = await WebFolder.StartAsync();
        web.Drop("waiting.json", Waiting);
        Directory.CreateDirectory(web.Root.WorkerFolder("w"));
        await File.WriteAllTextAsync(ServiceRoot.JobFile(web.Root.WorkerFolder("w"), "busy"), "{}");
        await File.WriteAllTextAsync(ServiceRoot.JobFile(web.Root.Failed, "failed"), "{}");
        RunFolders.Train(web.Root.Runs, "a", "differential", 0.97, 1);
        RunFolders.Compare(web.Root.Runs, "c", 3);
        RunFolders.Failed(web.Root.Runs, "d", 4);
        web.WriteRun("a", "model.safetensors", "model");
        web.WriteRun("a", "log.jsonl", "{}\n");
        web.WriteRun("a", "models/x@2/model.safetensors", "model of x");
        web.WriteRun("a", "jobs/1/result.json", "{}");
        return web;
    }
}
