using System.Diagnostics;
using System.Net;
using System.Text;
using Differential.Service.Tests.Commands;

namespace Differential.Service.Tests.Observability;

/// <summary>The program sends its metrics, traces and logs to whom the environment names, and to nobody without.</summary>
public sealed class OtlpTests
{
    private const string Job = """{"kind":"train","name":"told","data":{"kind":"shapes","count":64,"size":8},"model":{"kind":"linear"},"epochs":3,"batchSize":8}""";

    [Fact]
    public async Task Run_EndpointInTheEnvironment_SendsAllThreeSignals()
    {
        using var folder = new TestFolder();
        using var receiver = new Receiver();

        ProgramRun run = await Run(folder, receiver, new() { ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=tests" });

        Assert.True(run.Status == 0, run.Error);
        string traces = receiver.Text("/v1/traces");
        Assert.All(["job train", "training", "epoch 1", "epoch 3", "job.id", "service.name", "differential", "deployment.environment", "host.name"], name => Assert.Contains(name, traces, StringComparison.Ordinal));
        Assert.All(["differential.process.memory", "dotnet.gc.", "service.version"], name => Assert.Contains(name, receiver.Text("/v1/metrics"), StringComparison.Ordinal));
        Assert.All(["Epoch 3/3", "JobId"], name => Assert.Contains(name, receiver.Text("/v1/logs"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_SignalTurnedOff_IsNotSent()
    {
        using var folder = new TestFolder();
        using var receiver = new Receiver();

        ProgramRun run = await Run(folder, receiver, new()
        {
            ["OTEL_METRICS_EXPORTER"] = "none",
            ["OTEL_LOGS_EXPORTER"] = "none",
            ["OTEL_SERVICE_NAME"] = "another-name",
        });

        Assert.True(run.Status == 0, run.Error);
        Assert.Contains("another-name", receiver.Text("/v1/traces"), StringComparison.Ordinal);
        Assert.Equal((string.Empty, string.Empty), (receiver.Text("/v1/metrics"), receiver.Text("/v1/logs")));
    }

    [Fact]
    public async Task Run_TelemetryDisabled_SendsNothing()
    {
        using var folder = new TestFolder();
        using var receiver = new Receiver();

        ProgramRun run = await Run(folder, receiver, new() { ["OTEL_SDK_DISABLED"] = "true" });

        Assert.Equal((0, 0), (run.Status, receiver.Count));
    }

    /// <summary>The job, told to the receiver, with more of the environment.</summary>
    private static async Task<ProgramRun> Run(TestFolder folder, Receiver receiver, Dictionary<string, string> environment)
    {
        folder.Write("job.json", Job);
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Url;
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        var start = new ProcessStartInfo(Executable.Program, ["run", "job.json", "--output", "out", "--threads", "1"]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new ProgramRun(process.ExitCode, output, await error);
    }

    /// <summary>Takes what is posted; protobuf keeps texts as they are, so that they can be looked for.</summary>
    private sealed class Receiver : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Dictionary<string, StringBuilder> _texts = [];

        public Receiver()
        {
            for (int port = 20_000 + (Environment.ProcessId % 20_000); ; port++)
            {
                try
                {
                    _listener.Prefixes.Clear();
                    _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
                    _listener.Start();
                    Url = $"http://127.0.0.1:{port}";
                    break;
                }
                catch (HttpListenerException) when (port < 60_000)
                {
                    // Taken: the next one.
                }
            }

            _ = Listen();
        }

        public string Url { get; }

        public int Count { get; private set; }

        public string Text(string path)
        {
            lock (_texts)
            {
                return _texts.TryGetValue(path, out StringBuilder? text) ? text.ToString() : string.Empty;
            }
        }

        public void Dispose() => _listener.Close();

        private async Task Listen()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                lock (_texts)
                {
                    Count++;
                    string path = context.Request.Url!.AbsolutePath;
                    (_texts.TryGetValue(path, out StringBuilder? text) ? text : _texts[path] = new StringBuilder()).Append(Encoding.Latin1.GetString(body.ToArray()));
                }

                context.Response.StatusCode = 200;
                context.Response.Close();
            }
        }
    }
}
