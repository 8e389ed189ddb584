using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Differential.Service.Queue;
using Differential.Service.Tests.Commands;
using Differential.Service.Tests.Queue;
using Xunit.Abstractions;

namespace Differential.Service.Tests.Reliability;

/// <summary>
/// A root with ten thousand jobs that have ended and ten thousand that wait is as quick as an empty one. Times are processor times, so that
/// they hold on a busy machine.
/// </summary>
[Trait("Category", "Long")]
public sealed partial class ScaleTests(ITestOutputHelper output) : IDisposable
{
    private const int Many = 10_000;
    private const int TicksPerSecond = 100;

    private readonly QueueFolder _empty = new();
    private readonly QueueFolder _full = new();

    [SkippableFact]
    public async Task Service_TenThousandEndedAndTenThousandWaiting_IsAsQuickAsWithNone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "processor times are read from /proc");
        Fill(_full, Many, Many);
        using ServiceProcess first = Serve(_full);
        double cold = await ReadyAsync(first);
        Assert.True(Wait.Until(() => File.Exists(Path.Combine(_full.Root.Path, "index", "summary.json")), TimeSpan.FromSeconds(120)), first.Log);
        first.Terminate(TimeSpan.FromSeconds(60));
        using ServiceProcess service = Serve(_full);
        double warm = await ReadyAsync(service);
        using var client = new HttpClient { BaseAddress = new Uri(service.Url) };
        Dictionary<string, double> replies = [];
        foreach (string path in (string[])["/state", "/jobs/waiting-05000", "/jobs/ended-05001", "/jobs?from=9000", "/jobs?state=queued&text=9999"])
        {
            double before = ProcessorTime(service);
            for (int i = 0; i < 10; i++)
            {
                using HttpResponseMessage reply = await client.GetAsync(new Uri(path, UriKind.Relative));
                Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            }

            replies[path] = (ProcessorTime(service) - before) / 10;
        }

        // Until the waiting files are checked and the index is written.
        await Task.Delay(TimeSpan.FromSeconds(40));
        double start = ProcessorTime(service);
        var clock = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(30));
        double idle = (ProcessorTime(service) - start) / clock.Elapsed.TotalSeconds;
        double full = Median(() => StatusTime(_full));
        double empty = Median(() => StatusTime(_empty));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready: {cold:0.00} s without an index, {warm:0.00} s with one; idle {100 * idle:0.00} %; status {full:0.000} s, of an empty root {empty:0.000} s"));
        output.WriteLine(string.Join(", ", replies.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key} {1000 * r.Value:0} ms"))));

        Assert.True(full <= 1.5 * empty, $"status: {full:0.000} s, {empty:0.000} s of an empty root");
        Assert.True(warm <= 2, $"ready after {warm:0.00} s of processor time");
        Assert.All(replies, reply => Assert.True(reply.Value <= 0.2, $"{reply.Key}: {reply.Value:0.000} s"));
        Assert.True(idle <= 0.01, $"idle: {100 * idle:0.0} % of a core");
    }

    [SkippableFact]
    public void Status_TenTimesAsManyEndedJobs_TakesTheSameTime()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "processor times are read from a shell");
        Fill(_empty, Many / 10, 0);
        Fill(_full, Many, 0);
        StatusTime(_empty);
        StatusTime(_full);

        double few = Median(() => StatusTime(_empty));
        double many = Median(() => StatusTime(_full));

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"status: {few:0.000} s with {Many / 10} ended jobs, {many:0.000} s with {Many}"));
        Assert.True(many <= 1.25 * few, $"{few:0.000} s, {many:0.000} s");
    }

    public void Dispose()
    {
        _empty.Dispose();
        _full.Dispose();
    }

    private static ServiceProcess Serve(QueueFolder folder) => ServiceProcess.Serve(
        folder.Root.Path,
        ("DIFFERENTIAL__Http__Url", "http://127.0.0.1:0"),
        ("DIFFERENTIAL__Queue__MinimumFreeBytes", "0"),
        ("DIFFERENTIAL__Queue__RescanInterval", "00:00:03"));

    private static async Task<double> ReadyAsync(ServiceProcess service)
    {
        using var client = new HttpClient { BaseAddress = new Uri(service.Url) };
        while (true)
        {
            using HttpResponseMessage reply = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
            if (reply.IsSuccessStatusCode)
            {
                return ProcessorTime(service);
            }

            await Task.Delay(20);
        }
    }

    // Fields 14 and 15 of /proc/<pid>/stat, counted behind the name: user and system time in ticks.
    private static double ProcessorTime(ServiceProcess service)
    {
        string stat = File.ReadAllText($"/proc/{service.Id}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static double Median(Func<double> measure) => Enumerable.Range(0, 5).Select(_ => measure()).Order().ElementAt(2);

    private static double StatusTime(QueueFolder folder)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "\"$0\" status --root \"$1\" >/dev/null; times", Executable.Program, folder.Root.Path]) { RedirectStandardOutput = true })!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return Times().Matches(text).TakeLast(2).Sum(m => (60 * double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)) + double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    private static void Fill(QueueFolder folder, int ended, int waiting)
    {
        for (int i = 0; i < ended; i++)
        {
            string id = $"ended-{i:00000}";
            bool isDone = i % 10 != 0;
            File.WriteAllText(ServiceRoot.JobFile(isDone ? folder.Root.Done : folder.Root.Failed, id), "{}");
            Directory.CreateDirectory(folder.Root.RunFolder(id));
            File.WriteAllText(folder.Root.TicketFile(id), $$"""{ "id": "{{id}}", "source": "{{id}}.json", "claimed": "2026-01-01T00:00:00+00:00", "ended": "2026-01-02T00:00:00+00:00" }""");
            if (isDone)
            {
                File.WriteAllText(Path.Combine(folder.Root.RunFolder(id), "metrics.jsonl"), "{\"step\":1,\"loss\":0.5}\n");
            }
        }

        for (int i = 0; i < waiting; i++)
        {
            folder.Drop($"waiting-{i:00000}.json", """{ "kind": "theory", "data": { "kind": "affine" }, "after": ["never"] }""");
        }

        foreach (string state in (string[])[folder.Root.Incoming, folder.Root.Done, folder.Root.Failed, folder.Root.Cancelled])
        {
            Directory.SetLastWriteTimeUtc(state, DateTime.UtcNow.AddMinutes(-5));
        }
    }

    [GeneratedRegex(@"(\d+)m([0-9.]+)s")]
    private static partial Regex Times();
}
