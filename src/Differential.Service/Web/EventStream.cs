using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Service.Queue;
using Microsoft.AspNetCore.Http;

namespace Differential.Service.Web;

/// <summary>
/// <c>/events</c>: server-sent events. <c>state</c> whenever the state changes, and for each running job <c>metrics</c> with
/// the lines of its metrics.jsonl that are new to this reader.
/// </summary>
internal sealed class EventStream(StateFeed feed, ServiceRoot root, TimeProvider time)
{
    /// <summary>Readers at once; more are sent away.</summary>
    private const int MaxReaders = 32;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private int _readers;

    /// <summary>Serves one reader until it leaves or the page stops.</summary>
    public async Task ServeAsync(HttpContext context, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Interlocked.Increment(ref _readers) > MaxReaders)
        {
            Interlocked.Decrement(ref _readers);
            await Replies.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "too many readers of events");
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";

            // nginx, and what understands its header, would otherwise hold the events back until they fill a buffer.
            context.Response.Headers["X-Accel-Buffering"] = "no";
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await SendAsync(context, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The reader has left, or the service stops.
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private async Task SendAsync(HttpContext context, CancellationToken end)
    {
        Dictionary<string, MetricsTail> tails = [];
        string last = string.Empty;
        long sent = time.GetTimestamp();
        while (true)
        {
            end.ThrowIfCancellationRequested();
            ServiceState state = feed.Current();
            var text = new StringBuilder();
            string json = JsonSerializer.Serialize(state, ServiceState.Json);
            if (json != last)
            {
                last = json;
                text.Append("event: state\ndata: ").Append(json).Append("\n\n");
            }

            foreach (RunningView job in state.Running)
            {
                if (!tails.TryGetValue(job.Id, out MetricsTail? tail))
                {
                    tail = new MetricsTail(Path.Combine(root.RunFolder(job.Id), "metrics.jsonl"));
                    tails.Add(job.Id, tail);
                }

                IReadOnlyList<string> lines = tail.Read(out bool reset);
                if (lines.Count > 0 || reset)
                {
                    text.Append("event: metrics\ndata: ").Append(Metrics(job.Id, reset, lines)).Append("\n\n");
                }
            }

            foreach (string gone in tails.Keys.Except(state.Running.Select(j => j.Id)).ToList())
            {
                tails.Remove(gone);
            }

            if (text.Length == 0 && time.GetElapsedTime(sent) >= Silence)
            {
                text.Append(": still here\n\n");
            }

            if (text.Length > 0)
            {
                sent = time.GetTimestamp();
                await context.Response.WriteAsync(text.ToString(), end);
                await context.Response.Body.FlushAsync(end);
            }

            await Task.Delay(Period, time, end);
        }
    }

    private static string Metrics(string id, bool reset, IReadOnlyList<string> lines)
    {
        var array = new JsonArray();
        foreach (string line in lines)
        {
            try
            {
                array.Add(JsonNode.Parse(line));
            }
            catch (JsonException)
            {
                // A line that a crash cut off; the run itself drops it when it goes on.
            }
        }

        return new JsonObject { ["id"] = id, ["reset"] = reset, ["lines"] = array }.ToJsonString(ServiceState.Json);
    }
}
