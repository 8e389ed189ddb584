using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Differential.Service.History;
using Differential.Service.Jobs;
using Differential.Service.Queue;
using Differential.Service.Runs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Hosting;

/// <summary>
/// Posts the end of each job to <c>Notify:Url</c>, signed, and tries again with growing pauses where nobody answers or the answer asks for it.
/// What is not delivered when the service stops is told in the log and not kept.
/// </summary>
internal sealed partial class Notifier(NotifyOptions options, ServiceRoot root, TimeProvider time, ILogger<Notifier> logger, HttpMessageHandler? handler = null) : BackgroundService
{
    public const string SignatureHeader = "X-Differential-Signature";
    public const string TimestampHeader = "X-Differential-Timestamp";
    public const string DeliveryHeader = "X-Differential-Delivery";

    private const int MostWaiting = 10_000;
    private const int AtOnce = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly Channel<Notice> _notices = Channel.CreateBounded<Notice>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly HttpClient _client = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = options.Timeout };

    /// <summary>Hosts see the receiver, never the whole address.</summary>
    private readonly string _receiver = string.IsNullOrEmpty(options.Url) ? string.Empty : new Uri(options.Url).Authority;

    /// <summary>A message that is on its way.</summary>
    /// <param name="Delivery">The same each time it is tried.</param>
    /// <param name="Id">The job.</param>
    /// <param name="Body">What is posted.</param>
    private sealed record Notice(Guid Delivery, string Id, byte[] Body);

    /// <summary>What is posted.</summary>
    /// <param name="Event">job.ended.</param>
    /// <param name="Time">When.</param>
    /// <param name="Id">The job's id.</param>
    /// <param name="State">done, failed or cancelled.</param>
    /// <param name="Error">Why it failed.</param>
    /// <param name="Run">Its run, where it has a result.</param>
    private sealed record Message(string Event, DateTimeOffset Time, string Id, string State, string? Error, RunSummary? Run);

    /// <summary>A job has ended; returns at once.</summary>
    public void Ended(string id, JobState state, string? error)
    {
        if (_receiver.Length == 0 || (options.States.Count > 0 && !options.States.Contains(state.ToText())))
        {
            return;
        }

        var message = new Message("job.ended", time.GetUtcNow(), id, state.ToText(), error?.ReplaceLineEndings(" "), RunReader.Read(root.RunFolder(id), id));
        _notices.Writer.TryWrite(new Notice(Guid.NewGuid(), id, JsonSerializer.SerializeToUtf8Bytes(message, ResultJson.Line)));
    }

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    /// <summary>The signature of a body: HMAC-SHA256 of the time, a dot and the body.</summary>
    internal static string Sign(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hash.AppendData(Encoding.UTF8.GetBytes(timestamp + "."));
        hash.AppendData(body);
        return "sha256=" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_receiver.Length == 0)
        {
            return;
        }

        try
        {
            await Parallel.ForEachAsync(
                _notices.Reader.ReadAllAsync(stoppingToken),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken },
                async (notice, stop) => await DeliverAsync(notice, stop));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is counted below.
        }

        int left = 0;
        while (_notices.Reader.TryRead(out _))
        {
            left++;
        }

        if (left > 0)
        {
            LogLeft(left, _receiver);
        }
    }

    private async Task DeliverAsync(Notice notice, CancellationToken stop)
    {
        TimeSpan pause = FirstPause;
        for (int attempt = 1; ; attempt++)
        {
            (bool isDelivered, bool mayTry, string answer) = await TryAsync(notice, stop);
            if (isDelivered)
            {
                return;
            }

            if (!mayTry || attempt >= options.Attempts)
            {
                LogGivenUp(notice.Id, _receiver, answer, attempt);
                return;
            }

            try
            {
                await Task.Delay(pause, time, stop);
            }
            catch (OperationCanceledException)
            {
                LogGivenUp(notice.Id, _receiver, answer, attempt);
                throw;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<(bool IsDelivered, bool MayTry, string Answer)> TryAsync(Notice notice, CancellationToken stop)
    {
        string timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url);
        request.Content = new ByteArrayContent(notice.Body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.Add(DeliveryHeader, notice.Delivery.ToString());
        request.Headers.Add(TimestampHeader, timestamp);
        request.Headers.UserAgent.ParseAdd("differential");
        if (!string.IsNullOrEmpty(options.Secret))
        {
            request.Headers.Add(SignatureHeader, Sign(options.Secret, timestamp, notice.Body));
        }

        try
        {
            using HttpResponseMessage reply = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            string answer = ((int)reply.StatusCode).ToString(CultureInfo.InvariantCulture);
            bool mayTry = reply.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)reply.StatusCode >= 500;
            return (reply.IsSuccessStatusCode, mayTry, answer);
        }
        catch (HttpRequestException exception)
        {
            // The message may hold the address: its kind says enough.
            return (false, true, exception.HttpRequestError.ToString());
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (false, true, "no answer in time");
        }
    }

    [LoggerMessage(LogLevel.Warning, "The end of job {JobId} was not told to {Receiver}: {Answer} (tried {Times} times)")]
    private partial void LogGivenUp(string jobId, string receiver, string answer, int times);

    [LoggerMessage(LogLevel.Warning, "The ends of {Count} jobs were not told to {Receiver}: the service stops")]
    private partial void LogLeft(int count, string receiver);
}
